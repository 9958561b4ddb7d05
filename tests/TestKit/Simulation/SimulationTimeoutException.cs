namespace ClusterChat.TestKit;

/// <summary>A simulated condition did not come true in time. The message names the seed that repeats the run.</summary>
public sealed class SimulationTimeoutException(string message) : Exception(message);
