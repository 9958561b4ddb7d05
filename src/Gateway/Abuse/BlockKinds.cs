using ClusterChat.Cluster.Abuse;

namespace ClusterChat.Gateway.Abuse;

/// <summary>The names of kinds, as operators see them.</summary>
internal static class BlockKinds
{
    public static string Name(BlockKind kind) => kind switch
    {
        BlockKind.User => "user",
        BlockKind.Session => "session",
        BlockKind.Address => "address",
        BlockKind.EndedSession => "ended_session",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of block."),
    };

    /// <summary>The kind of a name; null where there is none.</summary>
    public static BlockKind? Find(string? name) => name switch
    {
        "user" => BlockKind.User,
        "session" => BlockKind.Session,
        "address" => BlockKind.Address,
        "ended_session" => BlockKind.EndedSession,
        _ => null,
    };
}
