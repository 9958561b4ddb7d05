namespace ClusterChat.Storage.Postgres;

/// <summary>The statements of the table of nodes.</summary>
/// <remarks>
/// Why they are right:
/// <list type="bullet">
/// <item>The table is read by one statement, so it is one snapshot.</item>
/// <item>A change is one transaction of several statements, sent at once. The first one raises the view's number if it is as
/// expected, and holds that row's lock to the end, so changes go one by one. The others do something only if the row was
/// last written by their own transaction; each of them sees what came before it.</item>
/// </list>
/// </remarks>
internal static class NodeTableStatements
{
    /// <summary>
    /// Whether the server is a standby, the view's number, whether there is a node in the row, and the node. No row at all: the
    /// number is lost.
    /// </summary>
    public const string Read = """
        SELECT pg_is_in_recovery(), "view", address IS NOT NULL, address, uid, name, roles, state, since
        FROM membership LEFT JOIN cluster_node ON true WHERE id = 1
        """;

    /// <summary>$1 the expected number. It changes one row or none.</summary>
    public const string RaiseView = """UPDATE membership SET "view" = "view" + 1 WHERE id = 1 AND "view" = $1""";

    /// <summary>$1 the addresses, $2 the uids.</summary>
    public const string Remove = $"""
        DELETE FROM cluster_node USING unnest($1::text[], $2::integer[]) AS gone (address, uid)
        WHERE cluster_node.address = gone.address AND cluster_node.uid = gone.uid AND {IsAccepted}
        """;

    /// <summary>$1 address, $2 uid, $3 name, $4 roles, $5 state, $6 since.</summary>
    public const string Put = $"""
        INSERT INTO cluster_node (address, uid, name, roles, state, since) SELECT $1, $2, $3, $4, $5, $6 WHERE {IsAccepted}
        ON CONFLICT (address, uid) DO UPDATE
        SET name = excluded.name, roles = excluded.roles, state = excluded.state, since = excluded.since
        """;

    // A row's xmin has the lower 32 bits of the number of the transaction that wrote it.
    private const string IsAccepted =
        "EXISTS (SELECT 1 FROM membership WHERE id = 1 AND xmin::text::bigint = txid_current() % 4294967296)";
}
