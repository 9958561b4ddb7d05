using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using ClusterChat.Cluster.Abuse;
using ClusterChat.Gateway.Identity;
using ClusterChat.Protocol;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Abuse;

/// <summary>
/// Who is kept out of this gateway: the list as it was read last. It is asked when somebody comes, never for a message; those who are here already are
/// met by a pass over the connections (<see cref="Connections.ConnectionRegistry.EndKeptOut"/>). While the store is away the last list stays in force.
/// </summary>
internal sealed class KeptOut
{
    /// <summary>
    /// After a change, connections are looked at again for so long: who was judged by the list before it may still be on the way in, as a hello has 10 s.
    /// </summary>
    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(15);

    /// <summary>How often those that have ended are forgotten. Until then they only take room.</summary>
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromMinutes(1);

    private static readonly ProtocolError Unknown = new(ErrorCode.Unavailable, "This gateway does not know yet who may come in.", 1000);

    private readonly IBlockStore? _store;
    private readonly BlockOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _reading = new(1);
    private readonly long[] _refused = new long[4];
    private volatile BlockIndex _index = BlockIndex.Empty;
    private volatile CancellationTokenSource _changed = new();
    private ITimer? _timer;
    private Task _tick = Task.CompletedTask;
    private long _forgotAt;
    private long _version = -1;
    private int _met;
    private long _readAt;
    private long _changedAt;
    private bool _isAway;

    /// <param name="store">Where the list is; null for a gateway that keeps nobody out.</param>
    /// <param name="options">The limits.</param>
    /// <param name="clock">The clock. Those of the nodes may differ, and blocks end by each node's own.</param>
    /// <param name="logger">The log.</param>
    /// <param name="meters">Where it shows what it does.</param>
    public KeptOut(IBlockStore? store, BlockOptions options, TimeProvider clock, ILogger logger, IMeterFactory? meters = null)
    {
        (_store, _options, _clock, _logger) = (store, options, clock, logger);
        _readAt = clock.GetTimestamp();
        IsKnown = store is null;
        if (store is not null && meters?.Create(GatewayMetrics.MeterName) is { } meter)
        {
            Watch(meter);
        }
    }

    /// <summary>Called when the list has changed, on any thread: ends whom it meets, and says how many these are.</summary>
    public Func<int>? OnChange { get; set; }

    /// <summary>Whether the list was read at all. Before that nobody is let in.</summary>
    public bool IsKnown { get; private set => Volatile.Write(ref field, value); }

    /// <summary>Whether somebody who was judged by an earlier list may have come in since.</summary>
    public bool IsFresh => !_index.IsEmpty && _clock.GetElapsedTime(Volatile.Read(ref _changedAt)) < Arrival;

    /// <summary>Cancelled when the list changes: who waits for something looks again whether it may.</summary>
    public CancellationToken Changed => _changed.Token;

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Reads the list, and again and again until <see cref="StopAsync"/>. A store that is away is asked again, and not waited for.</summary>
    public async Task StartAsync()
    {
        if (_store is not null)
        {
            await TryReadAsync();
            _forgotAt = _clock.GetTimestamp();
            _timer = _clock.CreateTimer(static list => ((KeptOut)list!).Tick(), this, _options.ReadEvery, _options.ReadEvery);
        }
    }

    /// <summary>Reads no more. The list stays.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        await _tick;
    }

    /// <summary>Reads the list now. What was changed before the call is in it afterwards, and the connections that it meets are ended.</summary>
    /// <returns>How many it met, now or when it was read just before.</returns>
    /// <exception cref="StoreUnavailableException">The store is away; the last list stays.</exception>
    public async Task<int> ReadAsync()
    {
        if (_store is null)
        {
            return 0;
        }

        // One after the other: an earlier list must not take the place of a later one.
        await _reading.WaitAsync();
        try
        {
            if (await _store.ReadAsync(_version, _stop.Token) is { } list)
            {
                _index = new BlockIndex(list.Blocks);
                _version = list.Version;
                Volatile.Write(ref _changedAt, _clock.GetTimestamp());
                _met = OnChange?.Invoke() ?? 0;

                // Not disposed of: somebody may be about to take its token.
                await Interlocked.Exchange(ref _changed, new CancellationTokenSource()).CancelAsync();
            }

            Volatile.Write(ref _readAt, _clock.GetTimestamp());
            IsKnown = true;
            return _met;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Why somebody who comes from an address is not let in; null where that is no reason.</summary>
    public ProtocolError? Refuse(IPAddress? address)
        => !IsKnown ? Unknown : _index.OfAddress(address, Now) is { } block ? Count(block) : null;

    /// <summary>The same, where it is refused elsewhere: nothing is counted.</summary>
    public bool IsOut(IPAddress? address) => !IsKnown || _index.OfAddress(address, Now) is not null;

    /// <summary>Why somebody is not let in; null where the list has no reason.</summary>
    public ProtocolError? Refuse(ClientIdentity who) => _index.OfIdentity(who, Now) is { } block ? Count(block) : null;

    /// <summary>Whether a guest's session was ended: who shows it is somebody else from then on.</summary>
    public bool IsEnded(ClientIdentity who) => _index.IsEnded(who, Now);

    /// <summary>What to say to a client that is here and must not be; null where it may stay.</summary>
    /// <param name="address">From where it comes.</param>
    /// <param name="who">Who it is; null where it has not said so.</param>
    public string? WhyEnd(IPAddress? address, ClientIdentity? who)
    {
        var (index, now) = (_index, Now);
        return index.OfAddress(address, now) is { } byAddress ? Text(byAddress)
            : who is null ? null
            : index.OfIdentity(who, now) is { } byIdentity ? Text(byIdentity)
            : index.IsEnded(who, now) ? "the session was ended by an administrator"
            : null;
    }

    /// <summary>Short enough for a close frame but for a long reason, which is cut.</summary>
    private static string Text(Block block)
    {
        var until = block.Until == Block.Forever ? string.Empty
            : string.Create(CultureInfo.InvariantCulture, $" until {DateTimeOffset.FromUnixTimeMilliseconds(block.Until):yyyy-MM-dd'T'HH:mm:ss'Z'}");
        return $"blocked by an administrator{until}" + (block.Reason.Length > 0 ? ": " + block.Reason : string.Empty);
    }

    private ProtocolError Count(Block block)
    {
        Interlocked.Increment(ref _refused[(int)block.Kind - 1]);
        return new ProtocolError(ErrorCode.Banned, "You are " + Text(block));
    }

    /// <summary>A store that takes longer than the time between is not asked twice.</summary>
    private void Tick()
    {
        if (_tick.IsCompleted)
        {
            _tick = TickAsync();
        }
    }

    private async Task TickAsync()
    {
        try
        {
            if (await TryReadAsync() && _clock.GetElapsedTime(_forgotAt) >= ForgetEvery)
            {
                _forgotAt = _clock.GetTimestamp();
                await TryForgetAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private async Task<bool> TryReadAsync()
    {
        try
        {
            await ReadAsync();
            if (_isAway)
            {
                _isAway = false;
                _logger.BlocksRead();
            }

            return true;
        }
        catch (StoreUnavailableException error)
        {
            // It is asked every few seconds: one line for each outage.
            if (!_isAway)
            {
                _logger.BlocksNotRead(error.Message);
            }

            _isAway = true;
            return false;
        }
    }

    private async Task TryForgetAsync()
    {
        try
        {
            await _store!.DeleteEndedAsync(Now, _stop.Token);
        }
        catch (StoreUnavailableException)
        {
            // The next minute, or another gateway, does it.
        }
    }

    private void Watch(Meter meter)
    {
        BlockKind[] kinds = [BlockKind.User, BlockKind.Session, BlockKind.Address, BlockKind.EndedSession];
        meter.CreateObservableUpDownCounter("clusterchat.blocks", () => kinds.Select(k => Of(_index.Count(k), k)), "{block}", "Blocks that this gateway knows of, by their kind.");
        meter.CreateObservableCounter(
            "clusterchat.blocks.refused",
            () => kinds.Where(k => k != BlockKind.EndedSession).Select(k => Of(Interlocked.Read(ref _refused[(int)k - 1]), k)),
            "{request}",
            "Connections and requests that were refused by a block.");
        meter.CreateObservableGauge(
            "clusterchat.blocks.silence", () => _clock.GetElapsedTime(Volatile.Read(ref _readAt)).TotalSeconds, "s", "Time since this gateway read the list of blocks.");
    }

    private static Measurement<long> Of(long value, BlockKind kind) => new(value, new KeyValuePair<string, object?>("kind", BlockKinds.Name(kind)));
}
