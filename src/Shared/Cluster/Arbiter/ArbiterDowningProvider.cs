using Akka.Actor;
using Akka.Cluster;

namespace ClusterChat.Cluster.Arbiter;

/// <summary>
/// Downing with the table of nodes as the arbiter: <c>akka.cluster.downing-provider-class</c>. Needs an <see cref="ArbiterSetup"/>. Akka
/// makes it, so the constructor is Akka's.
/// </summary>
/// <remarks>
/// Suspicion, evidence, decision, execution: see <see cref="DowningActor"/>.
/// </remarks>
/// <param name="system">The actor system.</param>
/// <param name="cluster">Its cluster, which is only just being made.</param>
public sealed class ArbiterDowningProvider(ActorSystem system, Akka.Cluster.Cluster cluster) : IDowningProvider
{
    private readonly ArbiterSetup _setup = ArbiterSetup.Of(system);

    /// <summary>
    /// None. It is there for the time in which a node that was downed may still be at work; here the journal refuses what it writes.
    /// </summary>
    public TimeSpan DownRemovalMargin => TimeSpan.Zero;

    /// <inheritdoc/>
    public Props DowningActorProps => Props.Create(() => new DowningActor(cluster, _setup));
}
