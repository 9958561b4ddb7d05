namespace ClusterChat.Cluster.Links;

/// <summary>
/// The connections from this node to the others of its cluster: messages, at most once, in order while a
/// connection lasts. Never blocks.
/// </summary>
/// <remarks>
/// A node that is dialled by another one of its cluster dials it back for as long as that connection stands, even if
/// it was not asked to: a node that wants to join sees <see cref="LinkState.Connected"/> for each member before any of
/// them has it in a view.
/// </remarks>
public interface INodeLinks
{
    /// <summary>
    /// Sends a message. Where there is no connection it is dialled, and kept until the next <see cref="SetPeers"/>;
    /// what was sent on one that broke may be lost.
    /// </summary>
    /// <remarks>
    /// Over the limits, <see cref="ToRoomLink"/>, <see cref="ListRoomsLink"/>, <see cref="AskHandoverLink"/> and a <see cref="HandoverLink"/> with a
    /// state are refused. All else is always
    /// taken: of a peer that takes too little, events and presence, and under a higher limit answers too, are dropped, and a
    /// <see cref="StreamEnded"/> for each stream that lost something follows when there is room again. Typing notices,
    /// heads and lists of rooms are dropped without a word. Only the newest <see cref="AliveLink"/> waits, and it goes
    /// ahead of everything.
    /// </remarks>
    /// <param name="peer">Which node; of this incarnation alone.</param>
    /// <param name="message">What.</param>
    /// <returns>False: the queue to this node is full, or this node stops, and the message was not taken.</returns>
    bool Send(ClusterNode peer, LinkMessage message);

    /// <summary>
    /// Keeps connections to these nodes, whether or not there is something to send, and lets those to all others go
    /// (but for nodes that have dialled this one). Of those it lets go nothing is told any more. This node itself may be
    /// among them and is left out.
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

    /// <summary>
    /// The state of the connections with a peer has changed. The calls come one after another, in order; each state
    /// holds until the next call for the peer. When <see cref="LinkState.Connected"/> comes again, something may have
    /// been lost in either direction.
    /// </summary>
    /// <param name="peer">The peer's <see cref="ClusterNode.Id"/>.</param>
    /// <param name="state">How it is now.</param>
    void PeerChanged(string peer, LinkState state);
}

/// <summary>How a connection to a peer is.</summary>
public enum LinkState
{
    /// <summary>Both directions are open, and the peer has proved who it is.</summary>
    Connected,

    /// <summary>One of them broke, or cannot be made in time: the peer may be slow, cut off or dead.</summary>
    Lost,

    /// <summary>
    /// The dial was refused: nobody listens there, or another node of this cluster does, which proved it. The process that
    /// is asked for is gone.
    /// </summary>
    Refused,
}
