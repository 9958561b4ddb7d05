using System.Globalization;

namespace ClusterChat.Host;

/// <summary>
/// What <c>up</c> shows: on a terminal a table that stays at the bottom, below what else there is to say; elsewhere a line
/// whenever a node's state changes, and otherwise one now and then.
/// </summary>
/// <param name="output">Where to.</param>
/// <param name="width">The width of the terminal; null where it is none.</param>
/// <param name="clock">The clock.</param>
internal sealed class StatusBoard(TextWriter output, Func<int>? width, TimeProvider clock)
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private IReadOnlyList<string> _table = [];
    private string _states = string.Empty;
    private string _line = string.Empty;
    private long _lineAt;

    /// <summary>Says something; it stays.</summary>
    public void Say(string text)
    {
        lock (_gate)
        {
            Draw(text, _table);
        }
    }

    /// <summary>Shows how the nodes are now.</summary>
    public void Show(IReadOnlyList<NodeStatus> nodes)
    {
        lock (_gate)
        {
            if (width is not null)
            {
                Draw(null, Table(nodes));
                return;
            }

            var states = string.Join(", ", nodes.Select(n => $"{n.Name} {n.State} {n.View} {n.Shards}"));
            var line = string.Join(" | ", nodes);
            if (states != _states || (line != _line && clock.GetElapsedTime(_lineAt) >= LineInterval))
            {
                (_states, _line, _lineAt) = (states, line, clock.GetTimestamp());
                Draw(line, []);
            }
        }
    }

    private static List<string> Table(IReadOnlyList<NodeStatus> nodes) =>
    [
        $"{"node",-5} {"address",-23} {"state",-9} {"view",6} {"shards",7} {"rooms",7} {"clients",8} {"messages/s",11}",
        .. nodes.Select(n => n.IsUp
            ? string.Create(CultureInfo.InvariantCulture, $"{n.Name,-5} {n.Address,-23} {n.State,-9} {n.View,6} {n.Shards,7} {n.Rooms,7} {n.Connections,8} {n.Rate,11:F0}")
            : $"{n.Name,-5} {n.Address,-23} {n.State,-9}"),
    ];

    private void Draw(string? text, IReadOnlyList<string> table)
    {
        if (_table.Count > 0)
        {
            // Up to the table's first line, and all below it cleared.
            output.Write(string.Create(CultureInfo.InvariantCulture, $"\u001b[{_table.Count}A\r\u001b[J"));
        }

        if (text is not null)
        {
            output.WriteLine(text);
        }

        // A line that the terminal breaks in two would take more space than is cleared.
        var most = Math.Max(1, (width?.Invoke() ?? int.MaxValue) - 1);
        foreach (var line in table)
        {
            output.WriteLine(line.Length > most ? line[..most] : line);
        }

        output.Flush();
        _table = table;
    }
}
