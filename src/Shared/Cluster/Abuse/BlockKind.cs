namespace ClusterChat.Cluster.Abuse;

/// <summary>What a <see cref="Block"/> goes by. The numbers are stored.</summary>
public enum BlockKind
{
    /// <summary>A user: the identity, or the name of a guest.</summary>
    User = 1,

    /// <summary>One session: of a guest its identity, of a token what it says in <c>sid</c> or <c>jti</c>.</summary>
    Session = 2,

    /// <summary>An address, or a network.</summary>
    Address = 3,

    /// <summary>A guest's session that was ended: nobody is kept out, but who shows it is somebody else from then on.</summary>
    EndedSession = 4,
}
