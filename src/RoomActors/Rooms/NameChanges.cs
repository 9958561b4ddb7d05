namespace ClusterChat.RoomActors.Rooms;

/// <summary>Names that came and left; who did both is in neither.</summary>
internal sealed class NameChanges
{
    private readonly Dictionary<string, bool> _changes = new(StringComparer.Ordinal);

    public bool Any => _changes.Count > 0;

    /// <summary>How many more came than left.</summary>
    public int Growth { get; private set; }

    public void Note(string name, bool joined)
    {
        if (!_changes.Remove(name))
        {
            _changes.Add(name, joined);
        }

        Growth += joined ? 1 : -1;
    }

    /// <summary>Whether a name is among those that came.</summary>
    public bool HasJoined(string name) => _changes.TryGetValue(name, out var joined) && joined;

    public (IReadOnlyList<string> Joined, IReadOnlyList<string> Left) List()
        => ([.. _changes.Where(c => c.Value).Select(c => c.Key)], [.. _changes.Where(c => !c.Value).Select(c => c.Key)]);

    public void Clear()
    {
        _changes.Clear();
        Growth = 0;
    }
}
