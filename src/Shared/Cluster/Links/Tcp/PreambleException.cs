namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>The preamble did not end in a connection.</summary>
/// <param name="fault">Why.</param>
/// <param name="byPeer">The peer says so, rather than this node.</param>
internal sealed class PreambleException(Wire.Fault fault, bool byPeer = false) : Exception(Describe(fault, byPeer))
{
    public Wire.Fault Fault => fault;

    /// <summary>Whoever is there has proved that it is of this cluster and is not the one that is asked for.</summary>
    public bool IsCertainlyAnother => fault == Wire.Fault.WrongNode && !byPeer;

    private static string Describe(Wire.Fault fault, bool byPeer)
    {
        var what = fault switch
        {
            Wire.Fault.NotOurs => "it does not speak this protocol",
            Wire.Fault.TooLong => "its preamble is too long",
            Wire.Fault.Version => "there is no version that both nodes speak",
            Wire.Fault.Cluster => "it belongs to a cluster of another name",
            Wire.Fault.Secret => "it has another cluster secret",
            Wire.Fault.WrongNode => "another node, or another start of the node, is there",
            Wire.Fault.TimedOut => "it took too long",
            Wire.Fault.Closed => "it closed the connection",
            Wire.Fault.Full => "it has too many new connections",
            Wire.Fault.Unwanted => "it need not be dialled back any more",
            _ => $"fault {(int)fault}",
        };
        return byPeer ? $"the peer says of this node: {what}" : what;
    }
}
