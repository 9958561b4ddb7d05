using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ClusterChat.Storage.Sqlite;

/// <summary>SQLite refused a step. <see cref="Code"/> is its extended result code.</summary>
internal sealed class SqliteFault(int code, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Not one of SQLite's: the file at the path is no longer the one that is open.</summary>
    public const int FileMoved = -1;

    public int Code { get; } = code;

    private int Primary => Code & 0xFF;

    /// <summary>Another connection held the lock for longer than this one was to wait. Nothing took effect.</summary>
    public bool IsBusy => Code > 0 && Primary is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    /// <summary>A unique index (or a primary key) has the value already.</summary>
    public bool IsRepeated => Code is raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY;

    /// <summary>
    /// The row itself is at fault. SQLite undid the one statement and kept the transaction, so the other rooms'
    /// parts are untouched. All other codes speak of the disk, the file or the memory: they concern everybody.
    /// </summary>
    public bool IsAboutRow => Code > 0 && Primary is raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH or raw.SQLITE_RANGE;

    public static SqliteFault From(sqlite3 db, int code)
    {
        var extended = raw.sqlite3_extended_errcode(db);
        // Some calls report a code that never became the connection's last error.
        if ((extended & 0xFF) != (code & 0xFF))
            return new SqliteFault(code, Describe(code, raw.sqlite3_errstr(code).utf8_to_string()));
        return new SqliteFault(extended, Describe(extended, raw.sqlite3_errmsg(db).utf8_to_string()));
    }

    public static SqliteFault From(SqliteException e) =>
        new(e.SqliteExtendedErrorCode, Describe(e.SqliteExtendedErrorCode, e.Message), e);

    private static string Describe(int code, string text) => (code & 0xFF) switch
    {
        raw.SQLITE_FULL => $"the disk is full ({text}, SQLite {code})",
        raw.SQLITE_READONLY => $"the database cannot be written ({text}, SQLite {code})",
        raw.SQLITE_NOTADB => $"the file is no SQLite database ({text}, SQLite {code})",
        raw.SQLITE_CORRUPT => $"the database is damaged ({text}, SQLite {code})",
        raw.SQLITE_CANTOPEN => $"the database file cannot be opened ({text}, SQLite {code})",
        _ => $"{text} (SQLite {code})",
    };
}
