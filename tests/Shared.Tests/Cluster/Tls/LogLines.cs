using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Shared.Tests.Cluster.Tls;

/// <summary>Keeps what was logged, and waits for it.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly SemaphoreSlim _written = new(0);

    public ConcurrentQueue<(int Id, string Text)> All { get; } = new();

    public IReadOnlyList<string> Of(int id) => [.. All.Where(l => l.Id == id).Select(l => l.Text)];

    /// <summary>Waits for the first line with the id.</summary>
    public async Task<string> FirstAsync(int id)
    {
        using var guard = new CancellationTokenSource(TlsNode.Guard, TimeProvider.System);
        while (true)
        {
            if (Of(id) is [var first, ..])
                return first;
            await _written.WaitAsync(guard.Token);
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        All.Enqueue((eventId.Id, formatter(state, exception)));
        _written.Release();
    }

    public void Dispose()
    {
    }
}
