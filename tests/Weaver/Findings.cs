namespace ClusterChat.Weaver;

/// <summary>What was found in assemblies that were woven.</summary>
internal sealed class Findings
{
    /// <summary>Assemblies by name, with their versions.</summary>
    public SortedDictionary<string, string> Versions { get; } = new(StringComparer.Ordinal);

    /// <summary>Calls that leave a simulation and are not replaced, one for each type and called method.</summary>
    public SortedSet<string> Escapes { get; } = new(StringComparer.Ordinal);

    /// <summary>Needed fields that are not there.</summary>
    public SortedSet<string> MissingFields { get; } = new(StringComparer.Ordinal);
}
