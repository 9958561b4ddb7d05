using System.Net;
using System.Net.Sockets;

namespace ClusterChat.Cluster.Tls;

/// <summary>
/// The connections that were accepted and have not proved themselves. Anybody who reaches the port can open one and be silent; so where there are too many, the
/// next one is let in all the same, and the oldest goes of the address that has most. A node's own handshake takes some milliseconds, and is over by then. Thread-safe.
/// </summary>
internal sealed class UnprovedLinks(RemoteLinkOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, LinkedList<UnprovedLink>> _byAddress = [];
    private int _count;
    private long _lastNumber;

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes one in; another one may have to go.</summary>
    public UnprovedLink Add(Socket socket, IPAddress? remote)
    {
        var address = Group(remote);
        UnprovedLink? tooMuch;
        UnprovedLink link;
        lock (_lock)
        {
            var ofAddress = _byAddress.GetValueOrDefault(address);
            tooMuch = ofAddress?.Count >= options.MaxUnprovedPerAddress ? ofAddress.First!.Value
                : _count >= options.MaxUnproved ? Fullest()
                : null;
            if (tooMuch is not null)
            {
                Take(tooMuch);
                tooMuch.IsPushedOut = true;
            }

            link = new UnprovedLink(socket, address, ++_lastNumber);
            if (!_byAddress.TryGetValue(address, out ofAddress))
                _byAddress.Add(address, ofAddress = []);
            ofAddress.AddLast(link.Place);
            _count++;
        }

        tooMuch?.End();
        return link;
    }

    /// <summary>It has proved itself, or is gone.</summary>
    /// <returns>False: it had to go meanwhile, or was removed before.</returns>
    public bool Remove(UnprovedLink link)
    {
        lock (_lock)
            return Take(link);
    }

    private UnprovedLink? Fullest()
    {
        LinkedList<UnprovedLink>? fullest = null;
        foreach (var (_, links) in _byAddress)
        {
            // Where none has more than others, the oldest of all.
            if (fullest is null || links.Count > fullest.Count || (links.Count == fullest.Count && links.First!.Value.Number < fullest.First!.Value.Number))
                fullest = links;
        }

        return fullest?.First!.Value;
    }

    private bool Take(UnprovedLink link)
    {
        if (link.Place.List is not { } links)
            return false;
        links.Remove(link.Place);
        if (links.Count == 0)
            _byAddress.Remove(link.Address);
        _count--;
        return true;
    }

    /// <summary>Of IPv6 who has one address has all of its /64.</summary>
    private static IPAddress Group(IPAddress? remote)
    {
        if (remote is null)
            return IPAddress.None;
        if (remote.IsIPv4MappedToIPv6)
            return remote.MapToIPv4();
        if (remote.AddressFamily != AddressFamily.InterNetworkV6)
            return remote;
        var bytes = remote.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}

/// <summary>One of them.</summary>
internal sealed class UnprovedLink
{
    private readonly Socket _socket;
    private volatile bool _isPushedOut;

    public UnprovedLink(Socket socket, IPAddress address, long number)
    {
        (_socket, Address, Number) = (socket, address, number);
        Place = new LinkedListNode<UnprovedLink>(this);
    }

    /// <summary>Whose it is, or which network's.</summary>
    public IPAddress Address { get; }

    /// <summary>Higher than that of all before it.</summary>
    public long Number { get; }

    /// <summary>Among those of its address.</summary>
    public LinkedListNode<UnprovedLink> Place { get; }

    /// <summary>Whether it had to go, so that what fails with it is no fault of the other side.</summary>
    public bool IsPushedOut
    {
        get => _isPushedOut;
        set => _isPushedOut = value;
    }

    /// <summary>Ends what is under way with it.</summary>
    public void End() => _socket.Dispose();
}
