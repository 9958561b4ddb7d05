using System.Collections.Concurrent;
using System.Globalization;
using ClusterChat.Host;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Tests;

/// <summary>Whatever is written to the log, lines of one kind are bounded, and it is said how many were left out.</summary>
public sealed partial class BoundedLogTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly Lines _lines = new();
    private readonly LoggerFactory _inner;
    private readonly BoundedLoggerFactory _loggers;

    public BoundedLogTests()
    {
        _inner = new LoggerFactory([_lines], new LoggerFilterOptions { MinLevel = LogLevel.Debug });
        _loggers = new BoundedLoggerFactory(_inner, new LogOptions { LinesPerSecond = 1, LineBurst = 3 }, _clock);
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _inner.Dispose();
        _lines.Dispose();
    }

    [Fact]
    public void Of_a_flood_of_one_kind_the_first_lines_are_written_and_then_one_a_second_with_the_count_of_the_others()
    {
        var logger = _loggers.CreateLogger("Rooms");
        for (var i = 0; i < 50_000; i++)
        {
            ReadFailed(logger, i);
            _clock.Advance(TimeSpan.FromMicroseconds(50));
        }

        _lines.All.Count.ShouldBe(3 + (2 * 2), "2.5 s");
        _lines.All.Take(3).ShouldBe(["Warning Rooms 1: read 0", "Warning Rooms 1: read 1", "Warning Rooms 1: read 2"]);
        _lines.All[3].ShouldStartWith("Warning Rooms 5031: 1999");
        _lines.All[3].ShouldEndWith(" further lines of event 1 were left out");
        _lines.All[4].ShouldStartWith("Warning Rooms 1: read 2000");
        _loggers.LeftOut.ShouldBe(50_000 - 5);
    }

    [Fact]
    public void When_the_flood_is_over_it_is_still_said_how_many_were_left_out()
    {
        var logger = _loggers.CreateLogger("Rooms");
        for (var i = 0; i < 10; i++)
            ReadFailed(logger, i);
        _clock.Advance(TimeSpan.FromSeconds(10));
        _lines.All[^1].ShouldBe("Warning Rooms 5031: 7 further lines of event 1 were left out");
        _clock.Advance(TimeSpan.FromSeconds(60));
        _lines.All.Count.ShouldBe(4);
    }

    [Fact]
    public void What_was_left_out_is_said_at_the_end()
    {
        for (var i = 0; i < 10; i++)
            ReadFailed(_loggers.CreateLogger("Rooms"), i);
        _loggers.Dispose();
        _lines.All[^1].ShouldContain("7 further lines");
    }

    [Fact]
    public void A_flood_of_one_kind_takes_no_place_of_another()
    {
        var logger = _loggers.CreateLogger("Rooms");
        for (var i = 0; i < 1000; i++)
            ReadFailed(logger, i);
        OpenFailed(logger, "lobby");
        ReadFailed(_loggers.CreateLogger("Gateway"), 7);
        _lines.All.Skip(3).ShouldBe(["Error Rooms 2: lobby was not opened", "Warning Gateway 1: read 7"]);
    }

    [Fact]
    public void What_operators_did_and_what_ends_the_process_is_never_left_out()
    {
        var audit = _loggers.CreateLogger("ClusterChat.Audit");
        for (var i = 0; i < 100; i++)
        {
            Did(audit, i);
            Ends(_loggers.CreateLogger("Node"));
            WrongKey(audit);
        }

        _lines.All.Count(l => l.Contains("did", StringComparison.Ordinal)).ShouldBe(100);
        _lines.All.Count(l => l.Contains("ends", StringComparison.Ordinal)).ShouldBe(100);
        _lines.All.Count(l => l.Contains("wrong key", StringComparison.Ordinal)).ShouldBe(3, "anybody can cause these");
    }

    [Fact]
    public void Who_wants_to_see_all_lines_lifts_the_limit()
    {
        using var loggers = new BoundedLoggerFactory(_inner, new LogOptions { LinesPerSecond = 0 }, _clock);
        for (var i = 0; i < 1000; i++)
            ReadFailed(loggers.CreateLogger("Rooms"), i);
        _lines.All.Count.ShouldBe(1000);
    }

    [LoggerMessage(1, LogLevel.Warning, "read {Number}")]
    private static partial void ReadFailed(ILogger logger, int number);

    [LoggerMessage(2, LogLevel.Error, "{Room} was not opened")]
    private static partial void OpenFailed(ILogger logger, string room);

    [LoggerMessage(3, LogLevel.Information, "did {Number}")]
    private static partial void Did(ILogger logger, int number);

    [LoggerMessage(4, LogLevel.Warning, "wrong key")]
    private static partial void WrongKey(ILogger logger);

    [LoggerMessage(5, LogLevel.Critical, "ends")]
    private static partial void Ends(ILogger logger);

    private sealed class Lines : ILoggerProvider
    {
        private readonly ConcurrentQueue<string> _all = new();

        public IReadOnlyList<string> All => [.. _all];

        public ILogger CreateLogger(string categoryName) => new Category(categoryName, _all);

        public void Dispose()
        {
        }

        private sealed class Category(string name, ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
                => lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{logLevel} {name} {eventId.Id}: {formatter(state, exception)}"));
        }
    }
}
