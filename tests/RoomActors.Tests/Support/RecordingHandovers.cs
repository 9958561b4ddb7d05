using ClusterChat.Cluster;

namespace ClusterChat.RoomActors.Tests;

/// <summary>The way to other owners that are tests.</summary>
internal sealed class RecordingHandovers : IRoomHandovers
{
    /// <summary>The rooms that were asked for.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>What was sent, or refused as <see cref="Result"/> says.</summary>
    public List<(string Room, RoomHandover? State)> Sent { get; } = [];

    /// <summary>Whether there is an earlier owner.</summary>
    public bool HasEarlierOwner { get; set; }

    public HandoverResult Result { get; set; } = HandoverResult.Sent;

    public RoomHandover State => Sent.ShouldHaveSingleItem().State.ShouldNotBeNull();

    public bool Ask(string room)
    {
        if (HasEarlierOwner)
            Asked.Add(room);
        return HasEarlierOwner;
    }

    public HandoverResult HandOver(string room, RoomHandover? state)
    {
        if (state is not null && Result != HandoverResult.Sent)
            return Result;
        Sent.Add((room, state));
        return HandoverResult.Sent;
    }
}
