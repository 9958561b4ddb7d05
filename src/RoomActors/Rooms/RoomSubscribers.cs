using System.Collections.Immutable;
using ClusterChat.Cluster;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>The streams that gateways have open to a room.</summary>
internal sealed class RoomSubscribers
{
    private readonly SortedDictionary<string, RoomSubscriber> _byGateway = new(StringComparer.Ordinal);

    public int Count => _byGateway.Count;

    public IEnumerable<RoomSubscriber> All => _byGateway.Values;

    public ImmutableArray<string> Gateways => [.. _byGateway.Keys];

    /// <summary>Opens a stream, in place of the gateway's earlier one.</summary>
    /// <returns>Null where a newer stream is open already.</returns>
    public RoomSubscriber? Open(string gateway, long stream)
    {
        if (_byGateway.TryGetValue(gateway, out var old) && old.Stream >= stream)
        {
            return null;
        }

        return _byGateway[gateway] = new RoomSubscriber(gateway, stream);
    }

    public bool Close(string gateway, long stream)
        => _byGateway.TryGetValue(gateway, out var open) && open.Stream <= stream && _byGateway.Remove(gateway);

    public bool TryFind(ToRoom message, out RoomSubscriber subscriber)
        => _byGateway.TryGetValue(message.Gateway, out subscriber!) && subscriber.Stream == message.Stream;

    public RoomSubscriber? Find(string gateway) => _byGateway.GetValueOrDefault(gateway);

    public void Clear() => _byGateway.Clear();
}

/// <summary>One gateway's stream.</summary>
internal sealed class RoomSubscriber(string gateway, long stream)
{
    private long _taken;

    public string Gateway { get; } = gateway;

    public long Stream { get; } = stream;

    /// <summary>
    /// Whether a write may be taken now: the unanswered one before it was taken, or there is
    /// none. Any other write comes before its turn; the gateway sends it again after its predecessor.
    /// </summary>
    public bool TryTake(Write write)
    {
        // What was taken since the last write without a predecessor is all that was unanswered up to _taken, in order.
        if (write.Previous > _taken)
        {
            return false;
        }

        _taken = write.Number;
        return true;
    }

    /// <summary>A taken write was given back unwritten: the gateway has to start again from its oldest one.</summary>
    public void GiveBack() => _taken = 0;
}
