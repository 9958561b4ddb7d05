namespace ClusterChat.Cluster.Abuse;

/// <summary>A store cannot be reached, or did not answer in time. Try again later.</summary>
public sealed class StoreUnavailableException(string message, Exception? innerException = null)
    : Exception(message, innerException);
