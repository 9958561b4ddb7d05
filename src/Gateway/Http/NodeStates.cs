namespace ClusterChat.Gateway.Http;

/// <summary>Why a node is not ready, as <c>/healthz/ready</c> says it.</summary>
public static class NodeStates
{
    /// <summary>It opens its storage, or waits for it. Only a management port can say so.</summary>
    public const string Starting = "starting";

    /// <summary>It is no member of its cluster yet.</summary>
    public const string Joining = "joining";

    /// <summary>It can take no other client; those that are there are served.</summary>
    public const string Full = "full";

    /// <summary>It leaves.</summary>
    public const string Draining = "draining";

    /// <summary>Its storage has no space for messages, and they are refused.</summary>
    public const string NoSpace = "no space";
}
