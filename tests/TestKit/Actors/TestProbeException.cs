namespace ClusterChat.TestKit;

public sealed class TestProbeException(string message) : Exception(message);
