using System.Net;
using ClusterChat.Gateway.Connections;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Limits;

/// <summary>What users and addresses may take of this gateway. Each gateway counts for itself.</summary>
internal sealed class ClientLimits : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly ShareTable _users;
    private readonly ShareTable _addresses;

    public ClientLimits(GatewayOptions options, TimeProvider clock)
    {
        _clock = clock;
        Reads = new ReadLimits(options, clock);

        // Where single connections may send without a limit, as in a load test, so may all of them together.
        var limitsSends = options.SendsPerSecond > 0;
        _users = new ShareTable(
            new ShareLimits
            {
                Connections = options.ConnectionsPerUser,
                SendsPerSecond = limitsSends ? options.SendsPerSecondPerUser : 0,
                SendBurst = options.SendBurstPerUser,
            },
            options.MaxUnusedShares);
        _addresses = new ShareTable(
            new ShareLimits
            {
                Connections = options.ConnectionsPerAddress,
                ConnectsPerSecond = options.ConnectsPerSecondPerAddress,
                ConnectBurst = options.ConnectBurstPerAddress,
                SendsPerSecond = limitsSends ? options.SendsPerSecondPerAddress : 0,
                SendBurst = options.SendBurstPerAddress,
                RequestsPerSecond = options.RequestsPerSecondPerAddress,
                RequestBurst = options.RequestBurstPerAddress,
            },
            options.MaxUnusedShares);
    }

    /// <summary>What addresses may read.</summary>
    public ReadLimits Reads { get; }

    /// <summary>Users whose share is kept.</summary>
    public int Users => _users.Count;

    /// <summary>Addresses whose share is kept.</summary>
    public int Addresses => _addresses.Count;

    /// <summary>Shares of users that were given up, since there were too many.</summary>
    public long EvictedUsers => _users.Evicted;

    /// <summary>Shares of addresses that were given up, since there were too many.</summary>
    public long EvictedAddresses => _addresses.Evicted;

    private long Now => (long)_clock.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Lets a connection in from an address.</summary>
    /// <returns>What it takes of the limits, to be disposed of with it; or why it may not come now.</returns>
    public (ClientAllowance? Allowance, ProtocolError? Error) Connect(IPAddress? address)
    {
        var key = AddressKey.Of(address);
        var (share, retryMs) = _addresses.Connect(key, Now);
        return share is not null
            ? (new ClientAllowance(key, share, _users, _clock) { From = address }, null)
            : (null, new ProtocolError(ErrorCode.RateLimited, "Too many connections from your address.", retryMs));
    }

    /// <summary>Why an address may not make a request now; null where it may.</summary>
    public ProtocolError? Request(IPAddress? address)
        => _addresses.Of(AddressKey.Of(address), Now).Request(Now) is > 0 and var retryMs
            ? new ProtocolError(ErrorCode.RateLimited, "Too many requests from your address.", retryMs)
            : null;

    /// <summary>Why a message may not be sent over HTTP now; null where it may.</summary>
    /// <param name="address">From where.</param>
    /// <param name="user">By whom; null for one who is new with each request: those of an address have the share of one user.</param>
    public ProtocolError? Send(IPAddress? address, string? user)
    {
        var key = AddressKey.Of(address);
        var retryMs = _users.Of(user ?? "address " + key, Now).Send(Now);
        if (retryMs == 0)
        {
            retryMs = _addresses.Of(key, Now).Send(Now);
        }

        return retryMs == 0 ? null : new ProtocolError(ErrorCode.RateLimited, "You send too fast.", retryMs);
    }

    public void Dispose() => Reads.Dispose();

    /// <summary>Forgets who has not been here for a while.</summary>
    public void Sweep()
    {
        _users.Sweep(Now);
        _addresses.Sweep(Now);
        Reads.Sweep();
    }
}
