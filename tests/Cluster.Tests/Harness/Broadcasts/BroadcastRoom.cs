using System.Text.Json;

namespace ClusterChat.Cluster.Tests.Harness.Broadcasts;

/// <summary>
/// What one client saw of a broadcast, over all of its connections: the numbers of the messages in the order of the log, and no texts,
/// of which there are too many. Not thread-safe.
/// </summary>
internal sealed class BroadcastRoom(string name)
{
    private readonly List<int> _numbers = [];
    private readonly List<string> _violations = [];

    public string Name { get; } = name;

    public string? Log { get; private set; }

    /// <summary>The newest event; all before it are here.</summary>
    public long Seq => _numbers.Count;

    /// <summary>Whether events come live, as those that follow the pages.</summary>
    public bool IsLive { get; set; }

    /// <summary>The message at each position; the first one is that of <c>seq</c> 1.</summary>
    public IReadOnlyList<int> Numbers => _numbers;

    public IReadOnlyList<string> Violations => _violations;

    /// <summary>A page of an answer to a join.</summary>
    public void OnPage(JsonElement page)
    {
        var log = page.GetProperty("log").GetString();
        if (Log is not null && (log != Log || !page.GetProperty("recovered").GetBoolean()))
            _violations.Add($"{Name}: log {log} is not what followed {Log}/{Seq}");
        Log = log;
        foreach (var message in page.GetProperty("msgs").EnumerateArray())
            OnMessage(message);
        if (page.GetProperty("seq").GetInt64() is var end && end != Seq)
            _violations.Add($"{Name}: a page up to {end} ended at {Seq}");
        IsLive = !page.GetProperty("more").GetBoolean();
    }

    /// <summary>An event.</summary>
    /// <returns>When it should have been sent.</returns>
    public TimeSpan OnMessage(JsonElement message)
    {
        var mid = BroadcastMid.Read(message.GetProperty("mid").GetString()!);
        if (message.GetProperty("seq").GetInt64() is var seq && seq != Seq + 1)
            _violations.Add($"{Name}: {seq} after {Seq}");
        _numbers.Add(mid.Number);
        return mid.Due;
    }
}
