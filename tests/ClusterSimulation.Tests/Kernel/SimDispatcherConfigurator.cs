using Akka.Configuration;
using Akka.Dispatch;

namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>What the configuration names as a dispatcher's type. Akka makes it with the system, in its process.</summary>
internal sealed class SimDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly SimDispatcher _dispatcher;

    public SimDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => _dispatcher = new SimDispatcher(this, SimNode.Required);

    public override MessageDispatcher Dispatcher() => _dispatcher;
}
