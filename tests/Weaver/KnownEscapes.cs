namespace ClusterChat.Weaver;

/// <summary>
/// The checked-in list that somebody has looked through: which versions it is for, and which calls in them leave a simulation and why
/// that does no harm. A line is <c>assembly NAME VERSION</c>, <c>escape NAME TYPE: CALL</c>, empty, or a comment after <c>#</c>.
/// </summary>
internal sealed class KnownEscapes
{
    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _escapes = new(StringComparer.Ordinal);

    private KnownEscapes()
    {
    }

    /// <exception cref="FormatException">A line is none of these.</exception>
    public static KnownEscapes Parse(IEnumerable<string> lines)
    {
        var known = new KnownEscapes();
        foreach (var line in lines.Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            var words = line.Split(' ', 3);
            switch (words)
            {
                case ["assembly", var name, var version]:
                    known._versions.Add(name, version);
                    break;
                case ["escape", var name, var call]:
                    known._escapes.Add($"{name} {call}");
                    break;
                default:
                    throw new FormatException($"Not a line of known escapes: {line}");
            }
        }
        return known;
    }

    /// <summary>Where the list and the assemblies differ, each in a sentence; none if all is as it was.</summary>
    public IEnumerable<string> Compare(Findings found)
    {
        foreach (var (name, version) in found.Versions)
        {
            if (!_versions.TryGetValue(name, out var known))
                yield return $"The list does not know this assembly. Look at its escapes, then add: assembly {name} {version}";
            else if (known != version)
                yield return $"The list is for {name} {known}. Look at the escapes of {version}, then write: assembly {name} {version}";
        }
        foreach (var name in _versions.Keys.Except(found.Versions.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
            yield return $"The list has an assembly that is not there: assembly {name}";
        foreach (var escape in found.Escapes.Except(_escapes, StringComparer.Ordinal))
            yield return $"A call leaves the simulation: hook it, or if it never runs in one add: escape {escape}";
        foreach (var escape in _escapes.Except(found.Escapes, StringComparer.Ordinal).Order(StringComparer.Ordinal))
            yield return $"The list has a call that is not there any more: escape {escape}";
        foreach (var field in found.MissingFields)
            yield return $"A private field that the simulation needs is gone: {field}";
    }
}
