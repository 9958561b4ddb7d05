namespace ClusterChat.Storage.Postgres;

/// <summary>The statements of the table of nodes.</summary>
/// <remarks>
/// Why they are right:
/// <list type="bullet">
/// <item>A table is read by one statement, so it is one snapshot. A heartbeat is part of that statement, which does not
/// see its effect: its own row comes from what the update returned.</item>
/// <item>A change is one transaction of several statements, sent at once. The first one raises the view's number if it is as
/// expected, and holds that row's lock to the end, so changes go one by one. The others do something only if the row was
/// last written by their own transaction; each of them sees what came before it.</item>
/// <item>A vote does not wait for changes, so it may be written while one of its two nodes goes. Readers do not
/// see it then, and the next change deletes it. Incarnations do not come back, and so neither do their votes.</item>
/// </list>
/// </remarks>
internal static class MembershipStatements
{
    /// <summary>The kinds of rows that <see cref="Read"/> and <see cref="Heartbeat"/> return.</summary>
    public const int ViewRow = 0, NodeRow = 1, VoteRow = 2;

    /// <summary>$1 the node, $2 its counter.</summary>
    public const string Heartbeat = $"""
        WITH beat AS (UPDATE node SET heartbeat = $2 WHERE {IsNode} $1 AND heartbeat < $2 RETURNING name, incarnation, heartbeat)
        {Columns}
        SELECT {NodeKind}, name, incarnation, roles::bigint, address,
               coalesce((SELECT beat.heartbeat FROM beat WHERE beat.name = node.name AND beat.incarnation = node.incarnation), heartbeat)
        FROM node
        {Votes}
        """;

    public const string Read = $"""
        {Columns}
        SELECT {NodeKind}, name, incarnation, roles::bigint, address, heartbeat FROM node
        {Votes}
        """;

    /// <summary>$1 the expected number. It changes one row or none.</summary>
    public const string RaiseView = """UPDATE membership SET "view" = "view" + 1 WHERE id = 1 AND "view" = $1""";

    /// <summary>$1 the nodes.</summary>
    public const string Remove = $"DELETE FROM node WHERE {IsNode} ANY ($1) AND {IsAccepted}";

    /// <summary>$1 name, $2 incarnation, $3 roles, $4 address.</summary>
    public const string Add = $"""
        INSERT INTO node (name, incarnation, roles, address, heartbeat) SELECT $1, $2, $3, $4, 0 WHERE {IsAccepted}
        ON CONFLICT (name) DO UPDATE
        SET incarnation = excluded.incarnation, roles = excluded.roles, address = excluded.address, heartbeat = 0
        """;

    public const string DropVotes = $"DELETE FROM vote WHERE NOT ({BothAreThere}) AND {IsAccepted}";

    /// <summary>$1 the suspect, $2 the voter.</summary>
    public const string Vote = $"""
        INSERT INTO vote (suspect, voter) SELECT suspect, voter FROM (SELECT $1::text AS suspect, $2::text AS voter) AS vote
        WHERE {BothAreThere}
        ON CONFLICT DO NOTHING
        """;

    /// <summary>$1 the suspect, $2 the voter.</summary>
    public const string Retract = "DELETE FROM vote WHERE suspect = $1 AND voter = $2";

    private const string IsNode = "name || '/' || incarnation =";
    private const string NodeKind = "1::bigint";

    private const string BothAreThere =
        $"EXISTS (SELECT 1 FROM node WHERE {IsNode} vote.suspect) AND EXISTS (SELECT 1 FROM node WHERE {IsNode} vote.voter)";

    // A row's xmin has the lower 32 bits of the number of the transaction that wrote it.
    private const string IsAccepted =
        "EXISTS (SELECT 1 FROM membership WHERE id = 1 AND xmin::text::bigint = txid_current() % 4294967296)";

    private const string Columns = """
        SELECT 0::bigint AS kind, '' AS a, '' AS b, "view" AS number, '' AS address, 0::bigint AS heartbeat FROM membership WHERE id = 1
        UNION ALL
        """;

    private const string Votes = $"""
        UNION ALL
        SELECT 2::bigint, suspect, voter, 0, '', 0 FROM vote WHERE {BothAreThere}
        """;
}
