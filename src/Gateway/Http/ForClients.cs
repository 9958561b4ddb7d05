namespace ClusterChat.Gateway.Http;

/// <summary>Marks the endpoints of clients. What has no such mark is for operators and probes, and closed to nobody by a block.</summary>
internal sealed class ForClients
{
    public static readonly ForClients Instance = new();
}
