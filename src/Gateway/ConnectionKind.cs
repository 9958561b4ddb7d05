namespace ClusterChat.Gateway;

/// <summary>What a client speaks.</summary>
internal enum ConnectionKind
{
    Json,
    Plain,
    ServerSentEvents,
}
