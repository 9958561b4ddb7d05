using System.Text;
using SQLitePCL;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// A prepared statement that is bound and stepped again and again by one thread. It stands on the raw API
/// because a command object would box and allocate for each row of a batch.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    /// <summary>Throws on lone surrogates: replaced by U+FFFD, two different names would become one.</summary>
    public static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private const int StackBytes = 512;

    private readonly sqlite3 _db;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(sqlite3 db, string sql)
    {
        _db = db;
        var code = raw.sqlite3_prepare_v3(db, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement);
        if (code != raw.SQLITE_OK)
            throw SqliteFault.From(db, code);
    }

    public SqliteStatement Bind(int index, long value) => Check(raw.sqlite3_bind_int64(_statement, index, value));

    public SqliteStatement Bind(int index, string text)
    {
        // An empty span is a null pointer to SQLite, and a null pointer is NULL.
        if (text.Length == 0)
            return Check(raw.sqlite3_bind_text(_statement, index, string.Empty));
        var size = StrictUtf8.GetMaxByteCount(text.Length);
        var bytes = size <= StackBytes ? stackalloc byte[size] : new byte[size];
        return BindText(index, bytes[..StrictUtf8.GetBytes(text, bytes)]);
    }

    /// <summary>Binds bytes as text, also such as are no valid UTF-8: the bounds of a range of names.</summary>
    public SqliteStatement BindText(int index, ReadOnlySpan<byte> utf8) => utf8.IsEmpty
        ? Check(raw.sqlite3_bind_text(_statement, index, string.Empty))
        : Check(raw.sqlite3_bind_text(_statement, index, utf8));

    public SqliteStatement BindBlob(int index, ReadOnlySpan<byte> bytes) => bytes.IsEmpty
        ? Check(raw.sqlite3_bind_zeroblob(_statement, index, 0))
        : Check(raw.sqlite3_bind_blob(_statement, index, bytes));

    /// <summary>Steps to the next row; at the end, or on a fault, the statement is ready for new values.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code == raw.SQLITE_DONE)
        {
            _ = raw.sqlite3_reset(_statement);
            return false;
        }

        var fault = SqliteFault.From(_db, code);
        _ = raw.sqlite3_reset(_statement);
        throw fault;
    }

    /// <summary>Steps through a statement whose rows, if any, are of no interest.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    /// <summary>Steps without an exception; SQLite's result code is the answer.</summary>
    public int TryRun()
    {
        var code = raw.sqlite3_step(_statement);
        _ = raw.sqlite3_reset(_statement);
        return code;
    }

    public void Reset() => _ = raw.sqlite3_reset(_statement);

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string() ?? string.Empty;

    public int Length(int column) => raw.sqlite3_column_bytes(_statement, column);

    public byte[] Blob(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public void Dispose() => _statement.Dispose();

    private SqliteStatement Check(int code) =>
        code == raw.SQLITE_OK ? this : throw SqliteFault.From(_db, code);
}
