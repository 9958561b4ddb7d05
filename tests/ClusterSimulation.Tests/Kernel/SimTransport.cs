using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;

namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>Akka.Remote's transport into the world's network.</summary>
internal sealed class SimTransport : Transport
{
    /// <summary>The scheme of addresses, as in akka.sim://system@host:1.</summary>
    public const string Scheme = "sim";

    /// <summary>The port of all hosts.</summary>
    public const int Port = 1;

    // What akka.remote.dot-netty.tcp.maximum-frame-size allows by default is 128,000; ours is larger.
    private const int MaxPayloadBytes = 1 << 20;

    private readonly TaskCompletionSource<IAssociationEventListener> _listener = new();

    public SimTransport(ActorSystem system, Config config)
    {
        (System, Config, SchemeIdentifier, MaximumPayloadBytes) = (system, config, Scheme, MaxPayloadBytes);
        Node = SimNode.Required;
        Local = new Address(Scheme, system.Name, config.GetString("hostname"), Port);
    }

    internal SimNode Node { get; }

    internal Address Local { get; }

    private SimNetwork Network => Node.World.Network;

    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        Network.Listen(this);
        return Task.FromResult((Local, _listener));
    }

    public override bool IsResponsibleFor(Address remote) => true;

    public override Task<AssociationHandle> Associate(Address remoteAddress) => Network.AssociateAsync(this, remoteAddress);

    public override Task<bool> Shutdown()
    {
        Network.End(this);
        return Task.FromResult(true);
    }

    public override Task<bool> ManagementCommand(object message) => Task.FromResult(true);

    /// <summary>A connection came in; who listens may not be there yet.</summary>
    internal void Associated(SimHandle handle) => _ = _listener.Task.ContinueWith(
        listener => listener.Result.Notify(new InboundAssociation(handle)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, Node.Tasks);
}
