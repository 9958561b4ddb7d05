using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Dispatch;
using Akka.Event;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace ClusterChat.Host;

/// <summary>Where Akka's log goes.</summary>
internal sealed class AkkaLogSetup(ILoggerFactory loggers) : Setup
{
    public ILoggerFactory Loggers => loggers;
}

/// <summary>
/// Akka's log, among all else and at the levels at which operators read it. What its own actors say of links that break and of places of shards that
/// are being settled, they say as errors; here they are what happens whenever a node goes, which the arbiter logs once.
/// </summary>
internal sealed class AkkaLogger : UntypedActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private const string Akkas = "/system/";
    private const string Remoting = "remoting";

    private ILoggerFactory _loggers = Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                _loggers = Context.System.Settings.Setup.Get<AkkaLogSetup>().Value.Loggers;
                Sender.Tell(new LoggerInitialized(), Self);
                break;
            case LogEvent entry:
                Write(entry);
                break;
        }
    }

    private void Write(LogEvent entry)
    {
        var logger = _loggers.CreateLogger("Akka." + entry.LogClass.Name);
        var level = LevelOf(entry);
        if (logger.IsEnabled(level))
        {
            logger.Akka(level, entry.LogSource, entry.Message, entry.Cause);
        }
    }

    private static LogLevel LevelOf(LogEvent entry)
    {
        var isAkkas = entry.LogSource.Contains(Akkas, StringComparison.Ordinal)
            || entry.LogSource.StartsWith(Remoting, StringComparison.Ordinal)
            || entry.LogClass.Assembly != typeof(ActorBase).Assembly;
        return entry.LogLevel() switch
        {
            Akka.Event.LogLevel.ErrorLevel => isAkkas && IsOfTransition(entry) ? LogLevel.Debug : LogLevel.Error,
            Akka.Event.LogLevel.WarningLevel => isAkkas ? LogLevel.Debug : LogLevel.Warning,
            Akka.Event.LogLevel.InfoLevel => LogLevel.Debug,
            _ => LogLevel.Trace,
        };
    }

    // Links, also where those above the actors of a link say that it broke, and the shard coordinator's state.
    private static bool IsOfTransition(LogEvent entry) => IsOfLinksOrCluster(entry.LogClass) || (entry.Cause is { } cause && IsOfLinksOrCluster(cause.GetType()));

    private static bool IsOfLinksOrCluster(Type type)
        => type.FullName is { } name && (name.StartsWith("Akka.Remote.", StringComparison.Ordinal) || name.StartsWith("Akka.Cluster.", StringComparison.Ordinal));
}
