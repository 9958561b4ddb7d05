using ClusterChat.Actors;
using ClusterChat.Gateway.Limits;

namespace ClusterChat.Gateway.Fanout;

/// <summary>What a subscription shows of itself to other threads; written by its actor alone.</summary>
internal sealed class SubscriptionEntry(string room) : ActorEntry
{
    private long _position;
    private long _epoch;
    private long _heardAt;
    private volatile int _toldCount;
    private volatile int _unacked;
    private volatile int _clients;
    private volatile bool _isWaiting;
    private int _isListed;
    private int _isUncounted;

    public string Room { get; } = room;

    /// <summary>Who asked for the room first.</summary>
    public RoomOrigin? Origin { get; init; }

    /// <summary>The last event that was delivered here; -1 while it is not known.</summary>
    public long Position
    {
        get => Volatile.Read(ref _position);
        set => Volatile.Write(ref _position, value);
    }

    /// <summary>The activation of the room that it believes.</summary>
    public long Epoch
    {
        get => Volatile.Read(ref _epoch);
        set => Volatile.Write(ref _epoch, value);
    }

    /// <summary>When the owner was last heard of, as a timestamp of the clock. Written by whoever hears.</summary>
    public long HeardAt
    {
        get => Volatile.Read(ref _heardAt);
        set => Volatile.Write(ref _heardAt, value);
    }

    /// <summary>The members that all clients here were told of last.</summary>
    public int ToldCount
    {
        get => _toldCount;
        set => _toldCount = value;
    }

    /// <summary>Writes that wait for their ack.</summary>
    public int Unacked
    {
        get => _unacked;
        set => _unacked = value;
    }

    /// <summary>Clients of this gateway in the room.</summary>
    public int Clients
    {
        get => _clients;
        set => _clients = value;
    }

    /// <summary>Whether something is under way that may come late.</summary>
    public bool IsWaiting
    {
        get => _isWaiting;
        set => _isWaiting = value;
    }

    /// <summary>Whether it is no longer counted from now on; true once.</summary>
    public bool TryUncount() => Interlocked.Exchange(ref _isUncounted, 1) == 0;

    /// <summary>Marks it as listed with <see cref="WaitingSubscriptions"/>; false if it was. A full fence.</summary>
    public bool TryList() => Interlocked.Exchange(ref _isListed, 1) == 0;

    /// <summary>Takes the mark off. A full fence.</summary>
    public void Unlist() => Interlocked.Exchange(ref _isListed, 0);
}
