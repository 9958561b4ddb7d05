using Akka.Actor;
using Akka.Dispatch;

namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>Each run of a mailbox is a work in the world's queue.</summary>
internal sealed class SimDispatcher : MessageDispatcher
{
    private readonly SimNode _node;

    public SimDispatcher(MessageDispatcherConfigurator configurator, SimNode node)
        : base(configurator)
    {
        _node = node;
        Id = "sim-dispatcher";
        // One message a run: after each message any other actor may be next.
        Throughput = 1;
        ShutdownTimeout = TimeSpan.FromSeconds(1);
    }

    public override void Dispatch(ActorCell cell, Envelope envelope)
    {
        _node.World.TraceMessage(_node, cell.Self.Path.Name, envelope.Message);
        base.Dispatch(cell, envelope);
    }

    protected override void ExecuteTask(IRunnable run) => _node.Schedule(run);

    protected override void Shutdown()
    {
    }
}
