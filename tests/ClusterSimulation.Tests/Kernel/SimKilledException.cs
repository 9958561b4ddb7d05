namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>Unwinds the stack of a process that was killed in a blocking wait.</summary>
internal sealed class SimKilledException(string node) : Exception($"{node} was killed.");
