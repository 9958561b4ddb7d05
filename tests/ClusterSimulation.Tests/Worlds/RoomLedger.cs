using ClusterChat.ClusterSimulation.Kernel;

namespace ClusterChat.ClusterSimulation.Worlds;

/// <summary>What an all-seeing eye knows of the rooms: which incarnations are open in processes that live, and who was answered by which.</summary>
internal sealed class RoomLedger(SimWorld world)
{
    private readonly SortedDictionary<string, List<(SimNode Node, int Number)>> _open = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Host, string Room), int> _answers = [];
    private int _incarnations;

    /// <summary>How often a room was opened while another incarnation of it was open. Allowed: the journal fences the older one.</summary>
    public int Doubles { get; private set; }

    /// <summary>How many answers came back.</summary>
    public int Answers { get; private set; }

    /// <returns>The number of the incarnation, the same for no two.</returns>
    public int Opened(string room, SimNode node)
    {
        if (!_open.TryGetValue(room, out var open))
            _open.Add(room, open = []);
        open.Add((node, ++_incarnations));
        if (open.Count > 1)
            Doubles++;
        world.Trace($"{room} opens at {node.Name} as {_incarnations}, {open.Count} open");
        return _incarnations;
    }

    public void Closed(string room, int incarnation) => _open[room].RemoveAll(o => o.Number == incarnation);

    /// <summary>A process is gone, with all its rooms.</summary>
    public void Ended(SimNode node)
    {
        foreach (var open in _open.Values)
            open.RemoveAll(o => o.Node == node);
    }

    /// <summary>A client at a host was answered by an incarnation of a room.</summary>
    public void Answered(string host, string room, int incarnation)
    {
        Answers++;
        _answers[(host, room)] = incarnation;
    }

    public void ForgetAnswers() => _answers.Clear();

    /// <summary>Which incarnation last answered a host; null for none.</summary>
    public int? AnswerOf(string host, string room) => _answers.TryGetValue((host, room), out var incarnation) ? incarnation : null;

    /// <summary>The open incarnations of a room.</summary>
    public IReadOnlyList<(SimNode Node, int Number)> Open(string room) => _open.TryGetValue(room, out var open) ? open : [];
}
