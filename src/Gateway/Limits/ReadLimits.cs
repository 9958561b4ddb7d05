using System.Collections.Concurrent;
using ClusterChat.Gateway.Connections;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Limits;

/// <summary>
/// What addresses may read of this gateway, in bytes: pages of history, by whatever way, and lists over HTTP. A read costs the node in proportion to its bytes,
/// which a limit of requests does not see. Thread-safe.
/// </summary>
internal sealed class ReadLimits(GatewayOptions options, TimeProvider clock) : IDisposable
{
    /// <summary>Shares that addresses have for themselves: some ten megabytes.</summary>
    private const int MaxShares = 50_000;

    // Addresses beyond that share one of so many, by chance: strangers hardly ever meet one who reads too much.
    private const int CommonShares = 4096;

    private readonly ConcurrentDictionary<string, ReadShare> _shares = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, ReadShare> _common = [];
    private readonly ReadTurns _anonymous = new(options, clock);
    private long _refused;

    /// <summary>How many reads were refused.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    private long Now => (long)clock.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Reads that wait for a turn among those without a name.</summary>
    public int Waiting => _anonymous.Waiting;

    /// <summary>Begins a read that counts as under way until it is over.</summary>
    /// <param name="address">From where; see <see cref="AddressKey"/>.</param>
    /// <returns>To be disposed of when it is over; or why there is none now.</returns>
    public (ReadPermit? Permit, ProtocolError? Error) Begin(string address)
    {
        var share = Of(address);
        return share.Begin(Now) is > 0 and var retryMs ? (null, TooMuch(retryMs)) : (new ReadPermit(share, null, clock), null);
    }

    /// <summary>The same for a read of somebody who does not say who it is: it has to wait for its turn.</summary>
    /// <param name="address">From where.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<(ReadPermit? Permit, ProtocolError? Error)> BeginAnonymousAsync(string address, CancellationToken cancellationToken)
    {
        var share = Of(address);
        if (share.Begin(Now) is > 0 and var retryMs)
        {
            return (null, TooMuch(retryMs));
        }

        var entered = false;
        try
        {
            entered = await _anonymous.TryEnterAsync(address, cancellationToken);
            return entered
                ? (new ReadPermit(share, _anonymous, clock), null)
                : (null, Refuse(new ProtocolError(ErrorCode.Unavailable, "Too much is read by clients without a name right now.", 1000)));
        }
        finally
        {
            if (!entered)
            {
                share.End(Now);
            }
        }
    }

    /// <summary>Why an address may not ask for a page now; null where it may.</summary>
    public ProtocolError? Check(string address) => Wait(address) is > 0 and var retryMs ? TooMuch(retryMs) : null;

    /// <summary>The milliseconds after which an address may have another page; 0 where it may now.</summary>
    public int Wait(string address) => Of(address).Wait(Now);

    /// <summary>An address was given a page.</summary>
    public void Charge(string address, long bytes) => Of(address).Charge(Now, bytes);

    /// <summary>Forgets who has not read for a while.</summary>
    public void Sweep()
    {
        var now = Now;
        foreach (var entry in _shares)
        {
            // What is charged to it in this very moment is forgotten with it: at most what is under way.
            if (entry.Value.IsUnused(now))
            {
                _shares.TryRemove(entry);
            }
        }
    }

    public void Dispose() => _anonymous.Dispose();

    private ReadShare Of(string address)
        => _shares.TryGetValue(address, out var share) ? share
            : _shares.Count < MaxShares ? _shares.GetOrAdd(address, static (_, make) => make(), NewShare)
            : _common.GetOrAdd((StringComparer.Ordinal.GetHashCode(address) & int.MaxValue) % CommonShares, static (_, make) => make(), NewShare);

    private ReadShare NewShare() => new(options.ReadBytesPerSecondPerAddress, options.ReadBurstBytesPerAddress, options.ReadsAtOncePerAddress);

    private ProtocolError TooMuch(int retryMs) => Refuse(new ProtocolError(ErrorCode.RateLimited, "Too much is read from your address.", retryMs));

    private ProtocolError Refuse(ProtocolError error)
    {
        Interlocked.Increment(ref _refused);
        return error;
    }
}
