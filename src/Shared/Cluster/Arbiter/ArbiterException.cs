namespace ClusterChat.Cluster.Arbiter;

/// <summary>This node cannot become a member as it was started; the message says what to change. The process has to end with a failing exit code.</summary>
public sealed class ArbiterException(string message) : Exception(message);
