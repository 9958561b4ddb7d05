using Microsoft.Extensions.Logging;

namespace ClusterChat.TestKit;

/// <summary>Hands on what is logged as an error, with the exception.</summary>
internal sealed class FailureLogger<T>(Action<string> failed) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            failed($"{formatter(state, exception)} {exception}");
        }
    }
}
