using Akka.Event;

namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>Hands log events to the world, in the call that logs: Akka waits for a logger that is an actor, in real time, when a system starts.</summary>
internal sealed class SimLogger : MinimalLogger
{
    protected override void Log(object message)
    {
        if (message is LogEvent entry && SimNode.Current is { } node)
            node.World.OnLog?.Invoke(node, entry);
    }
}
