using Akka.Configuration;

namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>The settings that bring an actor system into the world; everything else is Akka's, or the program's own.</summary>
internal static class SimConfig
{
    /// <param name="host">The name of the node, under which others reach it.</param>
    public static Config Of(string host) => ConfigurationFactory.ParseString($$"""
        akka {
          actor.provider = cluster
          scheduler.implementation = "{{Name<SimScheduler>()}}"
          loggers = ["{{Name<SimLogger>()}}"]
          stdout-logger-class = "{{Name<SimLogger>()}}"
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          actor {
            default-dispatcher { {{Dispatcher}} }
            internal-dispatcher { {{Dispatcher}} }
            synchronized-dispatcher { {{Dispatcher}} }
            task-dispatcher { {{Dispatcher}} }
            default-fork-join-dispatcher { {{Dispatcher}} }
            default-blocking-io-dispatcher { {{Dispatcher}} }
          }
          io.pinned-dispatcher { {{Dispatcher}} }
          remote {
            enabled-transports = ["akka.remote.sim"]
            sim { transport-class = "{{Name<SimTransport>()}}", applied-adapters = [], transport-protocol = {{SimTransport.Scheme}}, hostname = "{{host}}" }
            default-remote-dispatcher { {{Dispatcher}} }
            backoff-remote-dispatcher { {{Dispatcher}} }
          }
        }
        """);

    private static string Dispatcher { get; } = $"type = \"{Name<SimDispatcherConfigurator>()}\"";

    private static string Name<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";
}
