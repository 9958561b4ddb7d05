namespace ClusterChat.Gateway.Connections;

/// <summary>How far the gateway's leaving has come.</summary>
internal sealed class DrainState
{
    private readonly CancellationTokenSource _leaving = new();
    private volatile bool _begun;
    private volatile bool _readingStopped;

    /// <summary>It takes no new connections, and is not ready any more.</summary>
    public bool HasBegun => _begun;

    /// <summary>What clients send now is not taken: they will send it again elsewhere.</summary>
    public bool ReadingStopped => _readingStopped;

    /// <summary>Cancelled when what only waits is to be let go: nothing more will come for it here.</summary>
    public CancellationToken Leaving => _leaving.Token;

    public void Begin() => _begun = true;

    public void StopReading()
    {
        _readingStopped = true;
        _leaving.Cancel();
    }
}
