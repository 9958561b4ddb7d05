using System.Collections.Immutable;
using ClusterChat.Cluster;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>The streams that gateways have open to a room.</summary>
internal sealed class RoomSubscribers
{
    private readonly Dictionary<string, RoomSubscriber> _byGateway = new(StringComparer.Ordinal);
    private RoomSubscriber[] _inOrder = [];

    public int Count => _inOrder.Length;

    /// <summary>In the order of their gateways' names; not changed by what comes later.</summary>
    public RoomSubscriber[] All => _inOrder;

    public ImmutableArray<string> Gateways => [.. _inOrder.Select(s => s.Gateway)];

    /// <summary>Opens a stream, in place of the gateway's earlier one.</summary>
    /// <returns>Null where a newer stream is open already.</returns>
    public RoomSubscriber? Open(string gateway, long stream)
    {
        if (_byGateway.TryGetValue(gateway, out var old) && old.Stream >= stream)
        {
            return null;
        }

        old?.End();
        var opened = _byGateway[gateway] = new RoomSubscriber(gateway, stream);
        Order();
        return opened;
    }

    public bool Close(string gateway, long stream)
    {
        if (!_byGateway.TryGetValue(gateway, out var open) || open.Stream > stream)
        {
            return false;
        }

        open.End();
        _byGateway.Remove(gateway);
        Order();
        return true;
    }

    public bool TryFind(ToRoom message, out RoomSubscriber subscriber)
        => _byGateway.TryGetValue(message.Gateway, out subscriber!) && subscriber.Stream == message.Stream;

    public RoomSubscriber? Find(string gateway) => _byGateway.GetValueOrDefault(gateway);

    public void Clear()
    {
        foreach (var subscriber in _inOrder)
        {
            subscriber.End();
        }

        _byGateway.Clear();
        _inOrder = [];
    }

    private void Order() => _inOrder = [.. _byGateway.Values.OrderBy(s => s.Gateway, StringComparer.Ordinal)];
}

/// <summary>One gateway's stream.</summary>
internal sealed class RoomSubscriber(string gateway, long stream)
{
    private long _taken;
    private CancellationTokenSource? _ended;

    public string Gateway { get; } = gateway;

    public long Stream { get; } = stream;

    /// <summary>Cancelled when the stream is over: nobody waits any more for what is being read for it.</summary>
    public CancellationToken Ended => (_ended ??= new CancellationTokenSource()).Token;

    /// <summary>The stream is over.</summary>
    public void End()
    {
        _ended?.Cancel();
        _ended?.Dispose();
    }

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
