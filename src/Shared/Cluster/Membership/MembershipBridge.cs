using ClusterChat.Cluster.Links;

namespace ClusterChat.Cluster.Membership;

/// <summary>
/// Passes on to the membership what comes over the links. The links listen before there is a membership, which has to
/// know their address: what comes in between waits.
/// </summary>
public sealed class MembershipBridge : ILinkReceiver
{
    private readonly Lock _gate = new();
    private List<Action<ClusterMembership>>? _early = [];
    private volatile ClusterMembership? _membership;

    /// <summary>Hands over what has waited, and all that comes from now on.</summary>
    public void Attach(ClusterMembership membership)
    {
        lock (_gate)
        {
            foreach (var call in _early ?? [])
            {
                call(membership);
            }

            _early = null;
            _membership = membership;
        }
    }

    /// <inheritdoc/>
    public void Receive(string peer, LinkMessage message)
    {
        if (message is AliveLink alive)
        {
            Call(m => m.Receive(peer, alive));
        }
    }

    /// <inheritdoc/>
    public void PeerChanged(string peer, LinkState state) => Call(m => m.PeerChanged(peer, state));

    /// <summary>See <see cref="ClusterMembership.SeenView"/>.</summary>
    public void SeenView(long number) => Call(m => m.SeenView(number));

    private void Call(Action<ClusterMembership> call)
    {
        if (_membership is { } membership)
        {
            call(membership);
            return;
        }

        lock (_gate)
        {
            if (_early is not null)
            {
                _early.Add(call);
                return;
            }
        }

        call(_membership!);
    }
}
