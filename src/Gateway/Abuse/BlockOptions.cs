namespace ClusterChat.Gateway.Abuse;

/// <summary>The list of those that operators keep out. Section <c>Blocks</c> of the configuration.</summary>
public sealed class BlockOptions
{
    /// <summary>
    /// How many blocks there may be, ended sessions of guests among them; the operator who wants to add one more hears so. Each gateway has all of them in
    /// memory, some 400 bytes each, and reads all of them anew after each change: 8 MB.
    /// </summary>
    public int Most { get; set; } = 20_000;

    /// <summary>
    /// How often a gateway asks for changes that nobody told it of: it was frozen, or cut off from the others. A query that finds nothing new is one row.
    /// </summary>
    public TimeSpan ReadEvery { get; set; } = TimeSpan.FromSeconds(5);
}
