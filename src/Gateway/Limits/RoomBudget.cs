using ClusterChat.Gateway.Connections;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Limits;

/// <summary>
/// How many rooms this gateway follows, and for whom: each one that no client here has asked for lately costs a subscription, and an
/// activation at its owner, and there are as many names as anybody cares to make up. Who asks for a room that is followed already pays nothing. Thread-safe.
/// </summary>
internal sealed class RoomBudget
{
    // As for the other shares: see ClientLimits.
    private const int MaxShares = 50_000;

    private static readonly ProtocolError Full = new(ErrorCode.Busy, "This server follows too many rooms right now.", RetryMs: 5000);

    private readonly TimeProvider _clock;
    private readonly ShareTable _users;
    private readonly ShareTable _addresses;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _heldBy = new(StringComparer.Ordinal);
    private readonly int _most;
    private readonly int _mostOfAddress;
    private int _held;
    private long _refusedForRate;
    private long _refusedForNumber;

    public RoomBudget(GatewayOptions options, TimeProvider clock)
    {
        _clock = clock;
        _users = new ShareTable(
            new ShareLimits { RequestsPerSecond = options.NewRoomsPerSecondPerUser, RequestBurst = options.NewRoomBurstPerUser }, MaxShares);
        _addresses = new ShareTable(
            new ShareLimits { RequestsPerSecond = options.NewRoomsPerSecondPerAddress, RequestBurst = options.NewRoomBurstPerAddress }, MaxShares);
        _most = options.SubscriptionLimit;
        _mostOfAddress = _most == int.MaxValue ? _most : Math.Max(1, _most / 4);
    }

    /// <summary>How many rooms are followed, those included that nobody needs any more and that are not let go yet.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>So many at most; 0: there is no limit.</summary>
    public int Most => _most == int.MaxValue ? 0 : _most;

    /// <summary>Whether rooms that nobody needs are to go.</summary>
    public bool IsNearlyFull => Held >= _most - (_most / 4);

    /// <summary>How many were refused, for their rate and for their number.</summary>
    public (long Rate, long Number) Refused => (Interlocked.Read(ref _refusedForRate), Interlocked.Read(ref _refusedForNumber));

    private long Now => (long)_clock.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Why a client may not have a room followed that is not; null where it may. To be counted by <see cref="Add"/> then.</summary>
    /// <param name="origin">Who asks; null where nobody counts.</param>
    public ProtocolError? Ask(RoomOrigin? origin)
    {
        if (origin is { } who)
        {
            var now = Now;
            var wait = who.User is { } user ? _users.Of(user, now).Request(now) : 0;
            wait = wait == 0 ? _addresses.Of(who.Address, now).Request(now) : wait;
            if (wait > 0)
            {
                Interlocked.Increment(ref _refusedForRate);

                // All of a client's rooms are refused at once: each alone would come again with the next token.
                return new ProtocolError(ErrorCode.RateLimited, "You ask for too many rooms at once.", Math.Max(wait, 1000));
            }
        }

        lock (_gate)
        {
            if (_held < _most && (origin is not { } from || _heldBy.GetValueOrDefault(from.Address) < _mostOfAddress))
            {
                return null;
            }
        }

        Interlocked.Increment(ref _refusedForNumber);
        return Full;
    }

    /// <summary>A room is followed from now on.</summary>
    /// <param name="origin">Who asked first.</param>
    public void Add(RoomOrigin? origin)
    {
        lock (_gate)
        {
            Volatile.Write(ref _held, _held + 1);
            if (origin is { Address: var address })
            {
                _heldBy[address] = _heldBy.GetValueOrDefault(address) + 1;
            }
        }
    }

    /// <summary>A room is followed no longer.</summary>
    /// <param name="origin">As for <see cref="Add"/>.</param>
    public void Remove(RoomOrigin? origin)
    {
        lock (_gate)
        {
            Volatile.Write(ref _held, _held - 1);
            if (origin is { Address: var address } && --_heldBy[address] == 0)
            {
                _heldBy.Remove(address);
            }
        }
    }

    /// <summary>Forgets who has not been here for a while.</summary>
    public void Sweep()
    {
        _users.Sweep(Now);
        _addresses.Sweep(Now);
    }
}
