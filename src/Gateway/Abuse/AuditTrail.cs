using System.Diagnostics.Metrics;
using System.Net;
using System.Threading.Channels;
using ClusterChat.Cluster.Abuse;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Identity;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Abuse;

/// <summary>
/// Writes down who sent which message from where, beside the messages: an entry is handed in when a message is acked, waits in a bounded queue, and is written
/// with others. No message waits for it. What the queue has no place for is lost, counted and logged, and so is what a node has not written when it is killed.
/// </summary>
internal sealed class AuditTrail
{
    private const string NoAddress = "unknown";

    /// <summary>Entries in one transaction: some milliseconds.</summary>
    private const int MostAtOnce = 1_000;

    /// <summary>Old entries in one transaction; a quiet database takes a second for what a busy minute has brought.</summary>
    private const int MostForgotten = 5_000;

    /// <summary>So long entries gather. What a kill of the node may take.</summary>
    private static readonly TimeSpan GatherFor = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(10);

    /// <summary>What a stop waits for the entries that are left.</summary>
    private static readonly TimeSpan StopFor = TimeSpan.FromSeconds(5);

    private readonly IMessageAudit _store;
    private readonly AuditOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Channel<AuditedMessage> _queue;
    private readonly CancellationTokenSource _stop = new();
    private Task _loops = Task.CompletedTask;
    private long _written;
    private long _lost;
    private long _toldLost;
    private long _toldAt;
    private bool _isAway;

    /// <param name="store">Where it is kept.</param>
    /// <param name="options">The limits.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="meters">Where it shows what it does.</param>
    public AuditTrail(IMessageAudit store, AuditOptions options, TimeProvider clock, ILogger logger, IMeterFactory? meters = null)
    {
        (_store, _options, _clock, _logger) = (store, options, clock, logger);
        _queue = Channel.CreateBounded<AuditedMessage>(new BoundedChannelOptions(options.Queued) { SingleReader = true });
        if (meters?.Create(GatewayMetrics.MeterName) is { } meter)
        {
            meter.CreateObservableCounter("clusterchat.audit.written", () => Interlocked.Read(ref _written), "{message}", "Messages that were written to the audit.");
            meter.CreateObservableCounter("clusterchat.audit.lost", () => Lost, "{message}", "Messages that are missing in the audit: more came than were written.");
            meter.CreateObservableUpDownCounter("clusterchat.audit.queued", () => (long)_queue.Reader.Count, "{message}", "Messages that wait to be written to the audit.");
        }
    }

    /// <summary>How many entries were lost.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Begins to write.</summary>
    public void Start() => _loops = Task.WhenAll(WriteAllAsync(), ForgetAllAsync());

    /// <summary>Writes what is left, for some seconds at most.</summary>
    public async Task StopAsync()
    {
        _queue.Writer.TryComplete();
        await _stop.CancelAsync();
        try
        {
            await _loops.WaitAsync(StopFor, _clock);
        }
        catch (TimeoutException)
        {
            Interlocked.Add(ref _lost, _queue.Reader.Count);
        }

        TellLost();
    }

    /// <summary>A message was acked. Never waits.</summary>
    /// <param name="write">The message.</param>
    /// <param name="seq">Its number.</param>
    /// <param name="isRepeat">Whether it was there already.</param>
    /// <param name="session">Its writer's session; null for none.</param>
    /// <param name="address">From where it came; null where that is not known.</param>
    public void Acked(WriteRoom write, long seq, bool isRepeat, string? session, IPAddress? address)
    {
        var from = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        var entry = new AuditedMessage(
            write.Room, seq, write.Mid, write.Author.User, session ?? string.Empty, from?.ToString() ?? NoAddress, _clock.GetUtcNow().ToUnixTimeMilliseconds(), isRepeat);
        if (!_queue.Writer.TryWrite(entry))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    private async Task WriteAllAsync()
    {
        var batch = new List<AuditedMessage>(MostAtOnce);
        while (await _queue.Reader.WaitToReadAsync())
        {
            if (_queue.Reader.Count < MostAtOnce)
            {
                await PauseAsync(GatherFor);
            }

            while (batch.Count < MostAtOnce && _queue.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
            }

            await WriteAsync(batch);
            batch.Clear();
            if (Lost > _toldLost && (_toldLost == 0 || _clock.GetElapsedTime(_toldAt) > TellEvery))
            {
                TellLost();
            }
        }
    }

    private async Task WriteAsync(List<AuditedMessage> batch)
    {
        while (true)
        {
            try
            {
                // It has a time-out of its own. Not given up half way: it would not be known what is there.
                await _store.AddAsync(batch, CancellationToken.None);
                Interlocked.Add(ref _written, batch.Count);
                if (_isAway)
                {
                    _isAway = false;
                    _logger.AuditWritten();
                }

                return;
            }
            catch (StoreUnavailableException error)
            {
                if (!_isAway)
                {
                    _logger.AuditNotWritten(_queue.Reader.Count + batch.Count, error.Message);
                }

                _isAway = true;
                if (_stop.IsCancellationRequested)
                {
                    Interlocked.Add(ref _lost, batch.Count);
                    return;
                }
            }
            catch (Exception error)
            {
                // Whatever is wrong with these, later ones are not to wait behind them.
                _logger.AuditRefused(batch.Count, error);
                Interlocked.Add(ref _lost, batch.Count);
                return;
            }

            await PauseAsync(RetryAfter);
        }
    }

    private async Task ForgetAllAsync()
    {
        using var timer = new PeriodicTimer(ForgetEvery, _clock);
        try
        {
            do
            {
                await ForgetAsync();
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The rest is forgotten by others, or after the next start.
        }
    }

    private async Task ForgetAsync()
    {
        try
        {
            var now = _clock.GetUtcNow();
            var before = _options.KeepFor < now - DateTimeOffset.UnixEpoch ? (now - _options.KeepFor).ToUnixTimeMilliseconds() : 0;
            while (await _store.ForgetAsync(before, MostForgotten, _stop.Token) == MostForgotten)
            {
                // Each is a transaction of its own.
            }
        }
        catch (StoreUnavailableException)
        {
            // The store says so in the log; a minute later it is tried again.
        }
    }

    private async Task PauseAsync(TimeSpan time)
    {
        try
        {
            await Task.Delay(time, _clock, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // What is left is written at once.
        }
    }

    private void TellLost()
    {
        if (Lost is var lost && lost > _toldLost)
        {
            _logger.AuditLost(lost - _toldLost);
            (_toldLost, _toldAt) = (lost, _clock.GetTimestamp());
        }
    }
}
