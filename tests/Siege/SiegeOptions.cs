namespace ClusterChat.Siege;

/// <summary>What a siege is to do.</summary>
/// <param name="Attacks">Which, by name.</param>
/// <param name="Node">The node's executable, or its <c>.dll</c>.</param>
/// <param name="Seconds">How long each attack lasts.</param>
/// <param name="WarmUpSeconds">How long honest clients chat before: a node's first messages meet code that has not run yet.</param>
/// <param name="SettleSeconds">How long to wait for the node's memory to come back afterwards, at most.</param>
/// <param name="HeapLimit">The limit of the node's heap, as <c>DOTNET_GCHeapHardLimit</c> has it: hexadecimal.</param>
/// <param name="Honest">How many honest clients chat meanwhile.</param>
/// <param name="Scale">The part of their full size that attacks have, above 0 to 1.</param>
internal sealed record SiegeOptions(
    IReadOnlyList<string> Attacks, string Node, int Seconds, int WarmUpSeconds, int SettleSeconds, string HeapLimit, int Honest, double Scale)
{
    // .NET takes three quarters of a container's memory for its heap.
    private const double HeapOfAll = 0.75;

    /// <summary>The memory of the container that the heap's limit stands for, in bytes.</summary>
    public long MemoryLimit => (long)(Convert.ToInt64(HeapLimit, 16) / HeapOfAll);
}
