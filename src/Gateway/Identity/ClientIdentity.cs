using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Identity;

/// <summary>Who a client is, and what it may do.</summary>
/// <param name="Member">The identity that messages belong to, and the name that others see.</param>
internal sealed record ClientIdentity(Member Member)
{
    /// <summary>What makes the client the same guest again; null for who has a token.</summary>
    public string? Session { get; init; }

    /// <summary>What tells this session from others of the user, and gives nothing away: of a guest its identity, of a token its <c>sid</c> or <c>jti</c>; null for none.</summary>
    public string? SessionId { get; init; }

    /// <summary>Whether it is a guest.</summary>
    public bool IsGuest => Session is not null;

    /// <summary>Whether it is a guest that has shown no good session.</summary>
    public bool IsNew { get; init; }

    /// <summary>When it ends.</summary>
    public DateTimeOffset Expires { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>The rooms that it may enter.</summary>
    public RoomGrant Rooms { get; init; } = RoomGrant.All;

    /// <summary>Its roles, as the token names them.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Why it may not enter a room; null where it may.</summary>
    public ProtocolError? Refuse(string room)
        => Rooms.Allows(room) ? null : new ProtocolError(ErrorCode.Forbidden, "Your token does not allow this room.");
}
