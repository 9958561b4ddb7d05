namespace ClusterChat.Storage.Postgres;

/// <summary>The statements of the list of blocks.</summary>
/// <remarks>
/// Why they are right: the list is read by one statement, so it is one snapshot. A change is one transaction of two statements, sent at once; the
/// first one raises the version and holds its row's lock to the end, so changes go one by one, and the second one sees what came before it.
/// </remarks>
internal static class BlockStatements
{
    public const string Columns = """kind, "value", since, "until", reason, author""";

    /// <summary>$1 the version that is known. No row at all: the version is lost.</summary>
    public const string Read = $"""
        SELECT {Columns}, "version", kind IS NOT NULL FROM block_version LEFT JOIN block ON "version" <> $1 WHERE id = 1
        """;

    /// <summary>$1 and $2 kind and value after which to begin, $3 the kind or 0, $4 the value or null, $5 the limit.</summary>
    public const string List = $"""
        SELECT {Columns} FROM block
        WHERE (kind, "value") > ($1, $2) AND ($3 = 0 OR kind = $3) AND ($4 IS NULL OR "value" = $4) ORDER BY kind, "value" LIMIT $5
        """;

    public const string RaiseVersion = """UPDATE block_version SET "version" = "version" + 1 WHERE id = 1""";

    /// <summary>$1 to $6 the columns, $7 how many there may be. It changes one row or none.</summary>
    public const string Put = $"""
        INSERT INTO block ({Columns}) SELECT $1, $2, $3, $4, $5, $6
        WHERE (SELECT count(*) FROM block WHERE NOT (kind = $1 AND "value" = $2)) < $7
        ON CONFLICT (kind, "value") DO UPDATE
        SET since = excluded.since, "until" = excluded."until", reason = excluded.reason, author = excluded.author
        """;

    /// <summary>$1 kind, $2 value.</summary>
    public const string RaiseBeforeDelete = $"""{RaiseVersion} AND EXISTS (SELECT 1 FROM block WHERE kind = $1 AND "value" = $2)""";

    /// <inheritdoc cref="RaiseBeforeDelete"/>
    public const string Delete = """DELETE FROM block WHERE kind = $1 AND "value" = $2""";

    /// <summary>$1 the time. Where nothing has ended, nobody is to read the list again.</summary>
    public const string RaiseBeforeDeleteEnded = $"""{RaiseVersion} AND EXISTS (SELECT 1 FROM block WHERE "until" <= $1)""";

    /// <inheritdoc cref="RaiseBeforeDeleteEnded"/>
    public const string DeleteEnded = """DELETE FROM block WHERE "until" <= $1""";
}
