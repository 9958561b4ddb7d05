using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ClusterChat.Host;

/// <summary>
/// The log, with a bound to the lines of one kind: whatever clients do, the disk does not fill with it, and what else is said is still found. A kind is an event
/// id within a category. The first lines of a kind are written, then so many a second, and between them how many were left out.
/// </summary>
/// <remarks>
/// Never left out are what operators did (the audit log), critical lines, and what is below Information, which somebody has asked for. The bound is here and
/// not where lines are written, so that it holds for each of them, also for those of libraries.
/// </remarks>
internal sealed class BoundedLoggerFactory : ILoggerFactory
{
    /// <summary>What operators did: the gateway's audit log.</summary>
    private const string AuditCategory = "ClusterChat.Audit";

    /// <summary>How long a count may wait for the next line of its kind before it is written without one.</summary>
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, BoundedLogger> _loggers = new(StringComparer.Ordinal);
    private readonly LoggerFactory _inner;
    private readonly LogOptions _options;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private long _leftOut;

    public BoundedLoggerFactory(LoggerFactory inner, LogOptions options, TimeProvider clock)
    {
        (_inner, _options, _clock) = (inner, options, clock);
        _timer = clock.CreateTimer(static self => ((BoundedLoggerFactory)self!).SayWhatIsLeftOut(), this, SayEvery, SayEvery);
    }

    /// <summary>Lines that were left out, since the start.</summary>
    public long LeftOut => Interlocked.Read(ref _leftOut);

    /// <summary>Bounds the log of an application.</summary>
    public static void Add(IServiceCollection services, LogOptions options)
    {
        services.AddSingleton<LoggerFactory>();
        services.AddSingleton<ILoggerFactory>(s => new BoundedLoggerFactory(s.GetRequiredService<LoggerFactory>(), options, TimeProvider.System));
    }

    /// <summary>Shows how many lines are left out.</summary>
    public void Watch(IMeterFactory meters) => meters.Create("ClusterChat.Node").CreateObservableCounter(
        "clusterchat.log.left_out", () => LeftOut, "{line}", "Lines of the log that were left out, since there were too many of their kind.");

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName)
        => _loggers.TryGetValue(categoryName, out var logger) ? logger
            : _loggers.GetOrAdd(categoryName, static (name, self) => new BoundedLogger(self, self._inner.CreateLogger(name), name == AuditCategory), this);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => _inner.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        SayWhatIsLeftOut();
    }

    private void SayWhatIsLeftOut()
    {
        foreach (var logger in _loggers.Values)
        {
            logger.SayWhatIsLeftOut();
        }
    }

    private sealed class BoundedLogger(BoundedLoggerFactory factory, ILogger inner, bool isAudit) : ILogger
    {
        private readonly ConcurrentDictionary<(int Id, LogLevel Level), LineKind> _kinds = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!inner.IsEnabled(logLevel))
            {
                return;
            }

            if (IsBounded(logLevel))
            {
                var kind = _kinds.GetOrAdd((eventId.Id, logLevel), static (_, options) => new LineKind(options.LinesPerSecond, options.LineBurst), factory._options);
                if (!kind.TryWrite(factory._clock.GetElapsedTime(0), out var leftOut))
                {
                    Interlocked.Increment(ref factory._leftOut);
                    return;
                }

                if (leftOut > 0)
                {
                    inner.LeftOut(logLevel, leftOut, eventId.Id);
                }
            }

            inner.Log(logLevel, eventId, state, exception, formatter);
        }

        public void SayWhatIsLeftOut()
        {
            foreach (var ((id, level), kind) in _kinds)
            {
                if (kind.TakeLeftOut() is > 0 and var leftOut)
                {
                    inner.LeftOut(level, leftOut, id);
                }
            }
        }

        private bool IsBounded(LogLevel level) => factory._options.LinesPerSecond > 0 && level switch
        {
            LogLevel.Information => !isAudit,
            LogLevel.Warning or LogLevel.Error => true,
            _ => false,
        };
    }
}
