using System.Collections.Immutable;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// The gateways that had streams to the room's owner before and have none to this one yet. Their members count as present;
/// what is told of presence meanwhile is kept, and told to each of them when it comes.
/// </summary>
internal sealed class AwaitedGateways
{
    private readonly NameChanges _missed = new();
    private ImmutableSortedSet<string> _gateways = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public int Count => _gateways.Count;

    public ImmutableArray<string> All => [.. _gateways];

    public void Add(string gateway) => _gateways = _gateways.Add(gateway);

    /// <returns>Whether it was awaited.</returns>
    public bool Remove(string gateway)
    {
        var before = _gateways.Count;
        _gateways = _gateways.Remove(gateway);
        return _gateways.Count < before;
    }

    /// <summary>Takes in what all others are told.</summary>
    public void Told(IReadOnlyList<string> joined, IReadOnlyList<string> left)
    {
        if (_gateways.IsEmpty)
        {
            _missed.Clear();
            return;
        }

        foreach (var name in joined)
        {
            _missed.Note(name, joined: true);
        }

        foreach (var name in left)
        {
            _missed.Note(name, joined: false);
        }
    }

    /// <summary>What was told since the room was opened here.</summary>
    public (IReadOnlyList<string> Joined, IReadOnlyList<string> Left) Missed => _missed.List();
}
