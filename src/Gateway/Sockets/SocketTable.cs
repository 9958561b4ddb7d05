using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ClusterChat.Gateway.Limits;

namespace ClusterChat.Gateway.Sockets;

/// <summary>
/// The clients' sockets that are open: how many there are, of whom, and who goes where there are too many. Those that ask for nothing make room for
/// others, the oldest first: of those of which no whole request has come yet, and then of those that were answered and are kept for another request,
/// which a client may find closed at any time. Thread-safe.
/// </summary>
/// <remarks>
/// An address is in the table while it has a socket, so there are never more of them than sockets, and no two share a count. Nobody goes who has said
/// something that the server did not get round to: where all come at once, the next ones wait before the door until it did.
/// </remarks>
internal sealed class SocketTable(SocketLimits limits, TimeProvider clock)
{
    /// <summary>
    /// So many of the oldest are looked at for one that may go. More only where all of them have just said something, and then nobody has to go: there is
    /// room as soon as they are answered.
    /// </summary>
    private const int Looked = 1000;

    /// <summary>
    /// So many new clients at once keep all cores busy. Where thousands come at once, the others wait with what they said in their sockets, and not
    /// before everybody else's messages in the queue of the thread pool.
    /// </summary>
    private const int AtOnce = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _addresses = new(StringComparer.Ordinal);
    private readonly LinkedList<SocketPlace> _unheard = [];
    private readonly LinkedList<SocketPlace> _idle = [];
    private TaskCompletionSource? _waiting;
    private int _open;
    private int _taken;
    private long _overAddress;
    private long _displaced;
    private long _silent;

    /// <summary>See <see cref="SocketLimits.SendBuffer"/>.</summary>
    public int SendBuffer => limits.SendBuffer;

    /// <summary>How many there are, how many of them ask for nothing, and how many WebSockets have taken.</summary>
    public (int Open, int Waiting, int Taken) Counts
    {
        get
        {
            lock (_gate)
            {
                return (_open, _unheard.Count + _idle.Count, _taken);
            }
        }
    }

    /// <summary>How many were closed since their address had too many, since others needed their place, and since nothing came.</summary>
    public (long OverAddress, long Displaced, long Silent) Closed => (Interlocked.Read(ref _overAddress), Interlocked.Read(ref _displaced), Interlocked.Read(ref _silent));

    /// <summary>Those with whom the web server begins.</summary>
    public FairTurns Turns { get; } = new(AtOnce);

    /// <summary>Whether there is no place left, and nobody who would have to give one up.</summary>
    public bool IsTaken
    {
        get
        {
            lock (_gate)
            {
                return _open >= limits.Most && _unheard.Count + _idle.Count == 0;
            }
        }
    }

    /// <summary>Counts a socket that was just accepted, and is to be let in next: <see cref="TryEnter"/>.</summary>
    /// <returns>Null: its address has as many as it may have.</returns>
    public SocketPlace? TryAdd(Socket socket, IPAddress? address, object listener)
    {
        var key = AddressKey.Of(address);
        var isCounted = limits.PerAddress > 0 && !IsProxy(address);
        lock (_gate)
        {
            if (isCounted)
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_addresses, key, out _);
                if (count >= limits.PerAddress)
                {
                    _overAddress++;
                    return null;
                }

                count++;
            }

            _open++;
            return new SocketPlace(this, socket, key, isCounted, listener);
        }
    }

    /// <summary>Lets one in, for which others may have to go.</summary>
    /// <returns>False: there is no room, and nobody has to go. Try again after <see cref="WaitAsync"/>.</returns>
    public bool TryEnter(SocketPlace place)
    {
        while (true)
        {
            SocketPlace? displaced;
            lock (_gate)
            {
                if (_open <= limits.Most && _unheard.Count + _idle.Count < limits.MostWaiting)
                {
                    place.Seen = (0, clock.GetTimestamp());
                    _unheard.AddLast(place.Node);
                    return true;
                }

                displaced = _unheard.Take(Looked).FirstOrDefault(p => p.IsClientsTurn) ?? _idle.Take(Looked).FirstOrDefault(p => p.IsClientsTurn);
                if (displaced is null)
                {
                    return false;
                }

                _displaced++;
            }

            Cut(displaced);
        }
    }

    /// <summary>Completes when one was closed, or asks for something.</summary>
    public Task WaitAsync()
    {
        lock (_gate)
        {
            return (_waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Closes those of which no whole request has come, and for too long nothing at all. To be called every second or so.</summary>
    public void Sweep()
    {
        var silent = new List<SocketPlace>();
        lock (_gate)
        {
            foreach (var place in _unheard)
            {
                var received = place.Connection?.Input.Received ?? 0;
                if (received != place.Seen.Received || !place.IsClientsTurn)
                {
                    place.Seen = (received, clock.GetTimestamp());
                }
                else if (clock.GetElapsedTime(place.Seen.Since) >= limits.Silence)
                {
                    silent.Add(place);
                }
            }

            _silent += silent.Count;
        }

        silent.ForEach(p => Cut(p, isSilent: true));
    }

    /// <summary>Closes those that have said nothing at all to a listener that listens no more.</summary>
    public void CloseSilent(object listener)
    {
        List<SocketPlace> silent;
        lock (_gate)
        {
            silent = [.. _unheard.Where(p => p.Stage == SocketStage.Silent && ReferenceEquals(p.Listener, listener))];
        }

        silent.ForEach(p => Cut(p));
    }

    /// <summary>See <see cref="SocketPlace.TryBegin"/>.</summary>
    public bool TryBegin(SocketPlace place, SocketConnection connection)
    {
        lock (_gate)
        {
            if (place.Stage != SocketStage.Silent)
            {
                return false;
            }

            place.Stage = SocketStage.Asking;
            place.Connection = connection;
            return true;
        }
    }

    /// <summary>Notes what has become of a socket. A closed one stays closed, and a taken one is only closed.</summary>
    public void Move(SocketPlace place, SocketStage to)
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            if (place.Stage == SocketStage.Closed || (place.Stage == SocketStage.Taken && to != SocketStage.Closed))
            {
                return;
            }

            place.Node.List?.Remove(place.Node);
            _taken += (to == SocketStage.Taken ? 1 : 0) - (place.Stage == SocketStage.Taken ? 1 : 0);
            place.Stage = to;
            switch (to)
            {
                case SocketStage.Idle:
                    _idle.AddLast(place.Node);
                    break;
                case SocketStage.Taken:
                    // It outlives what the server holds.
                    place.Connection = null;
                    break;
                case SocketStage.Closed:
                    place.Connection = null;
                    Leave(place);
                    break;
            }

            waiting = _waiting;
            _waiting = null;
        }

        waiting?.TrySetResult();
    }

    private static void Cut(SocketPlace place, bool isSilent = false)
    {
        if (place.Connection is not { } connection)
        {
            place.Reset();
        }
        else if (isSilent)
        {
            connection.Stall();
        }
        else
        {
            connection.GiveUp();
        }
    }

    private void Leave(SocketPlace place)
    {
        _open--;
        if (!place.IsCounted)
        {
            return;
        }

        if (_addresses[place.Address] == 1)
        {
            _addresses.Remove(place.Address);
        }
        else
        {
            _addresses[place.Address]--;
        }
    }

    private bool IsProxy(IPAddress? address)
    {
        if (address is null || limits.Proxies.Count == 0)
        {
            return false;
        }

        var known = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return limits.Proxies.Any(n => n.Contains(known));
    }
}
