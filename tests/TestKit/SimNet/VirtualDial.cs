namespace ClusterChat.TestKit;

/// <summary>One try of a client to connect.</summary>
/// <param name="client">Who dials.</param>
/// <param name="node">Whom, by name.</param>
internal sealed class VirtualDial(IWireClient client, string node)
{
    public IWireClient Client => client;

    public string Node => node;

    /// <summary>It was answered, or the client waits no longer.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Ends it; what comes of it is of no interest any more.</summary>
    /// <returns>False: it had ended before.</returns>
    public bool End()
    {
        var ends = !IsOver;
        IsOver = true;
        return ends;
    }
}
