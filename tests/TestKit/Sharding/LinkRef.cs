using Akka.Actor;

namespace ClusterChat.TestKit;

/// <summary>An actor of another node, as a node sees it: what is told goes over the link between the two.</summary>
internal sealed class LinkRef : MinimalActorRef
{
    private readonly ModelNode _holder;
    private readonly IInternalActorRef _target;

    /// <param name="holder">Who tells.</param>
    /// <param name="node">Where the actor is.</param>
    /// <param name="target">The actor.</param>
    public LinkRef(ModelNode holder, ModelNode node, IActorRef target)
    {
        (_holder, Node, _target) = (holder, node, (IInternalActorRef)target);
        Path = (new RootActorPath(node.Address) / target.Path.Elements).WithUid(target.Path.Uid);
    }

    /// <summary>Where the actor is.</summary>
    public ModelNode Node { get; }

    /// <summary>The actor itself.</summary>
    public IActorRef Target => _target;

    public override ActorPath Path { get; }

    public override IActorRefProvider Provider => _target.Provider;

    protected override void TellInternal(object message, IActorRef sender) => _holder.Links.Send(_holder, Node, message, _target, sender);
}
