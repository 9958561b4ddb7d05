namespace ClusterChat.Gateway.Http.Admin;

/// <summary>Who may operate the cluster. Section <c>Admin</c> of the configuration. Without keys there is no admin API.</summary>
public sealed class AdminOptions
{
    /// <summary>The keys, each as <c>name:sha256</c>; <c>clusterchat admin-key</c> makes them.</summary>
    public IList<string> Keys { get; } = [];

    /// <summary>A file with further keys, one a line; empty lines and lines that begin with # do not count.</summary>
    public string? KeysFile { get; set; }
}
