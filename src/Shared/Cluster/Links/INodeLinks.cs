namespace ClusterChat.Cluster.Links;

/// <summary>
/// The connections from this node to the others of its cluster: messages, at most once, in order while a
/// connection lasts. Never blocks.
/// </summary>
public interface INodeLinks
{
    /// <summary>
    /// Sends a message. Where there is no connection it is dialled; what was sent on one that broke may be lost.
    /// </summary>
    /// <param name="peer">Which node; of this incarnation alone.</param>
    /// <param name="message">What.</param>
    /// <returns>False: the queue to this node is full, and the message was not taken.</returns>
    bool Send(ClusterNode peer, LinkMessage message);

    /// <summary>
    /// Keeps connections to these nodes, whether or not there is something to send, and lets those to all others go.
    /// </summary>
    void SetPeers(IReadOnlyCollection<ClusterNode> peers);

    /// <summary>Says who takes what comes from other nodes. Called once, before anything is sent.</summary>
    void Attach(ILinkReceiver receiver);
}

/// <summary>Takes what comes from other nodes. Called from any thread; must not block.</summary>
public interface ILinkReceiver
{
    /// <summary>A message has come. Messages of one peer come in the order in which they were sent.</summary>
    /// <param name="peer">The sender's <see cref="ClusterNode.Id"/>, which it has proved.</param>
    /// <param name="message">What it sent.</param>
    void Receive(string peer, LinkMessage message);

    /// <summary>The state of the connection to a peer has changed.</summary>
    /// <param name="peer">The peer's <see cref="ClusterNode.Id"/>.</param>
    /// <param name="state">How it is now.</param>
    void PeerChanged(string peer, LinkState state);
}

/// <summary>How a connection to a peer is.</summary>
public enum LinkState
{
    /// <summary>It is open, and the peer has proved who it is.</summary>
    Connected,

    /// <summary>It broke, or cannot be made in time: the peer may be slow, cut off or dead.</summary>
    Lost,

    /// <summary>
    /// It was refused: nobody listens there, or another incarnation does. The process that is asked for is gone.
    /// </summary>
    Refused,
}
