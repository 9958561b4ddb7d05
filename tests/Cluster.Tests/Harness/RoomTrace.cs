using System.Text.Json;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>
/// What one client was given of one room, over all of its connections, in pages and live: it has to be every event
/// once, in the order of <c>seq</c>, without a hole. What is not so is kept in <see cref="Violations"/>.
/// </summary>
internal sealed class RoomTrace(string owner, string room)
{
    private readonly Lock _gate = new();
    private readonly List<string> _violations = [];
    private readonly List<JsonElement> _events = [];
    private string? _log;
    private long _seq = -1;

    /// <summary>Where it is: what a join resumes with. Null before the first page.</summary>
    public (string Log, long Seq)? Position
    {
        get
        {
            lock (_gate)
                return _log is null ? null : (_log, _seq);
        }
    }

    public long Seq
    {
        get
        {
            lock (_gate)
                return _seq;
        }
    }

    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_gate)
                return [.. _violations];
        }
    }

    public IReadOnlyList<JsonElement> Events
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    /// <summary>A <c>joined</c> page.</summary>
    public void OnPage(JsonElement page)
    {
        lock (_gate)
        {
            var log = page.GetProperty("log").GetString();
            if (_log is null)
                _seq = page.GetProperty("seq").GetInt64() - page.GetProperty("msgs").GetArrayLength();
            else if (log != _log)
                _violations.Add($"{owner} in {room}: the log changed from {_log} to {log}");
            else if (!page.GetProperty("recovered").GetBoolean())
                _violations.Add($"{owner} in {room}: not recovered after {_seq}");
            _log = log;
            foreach (var line in page.GetProperty("msgs").EnumerateArray())
                Take(line);
            if (page.GetProperty("seq").GetInt64() is var end && end != _seq)
                _violations.Add($"{owner} in {room}: the page says that it ends at {end}, and ends at {_seq}");
        }
    }

    /// <summary>A live event.</summary>
    public void OnEvent(JsonElement line)
    {
        lock (_gate)
            Take(line);
    }

    private void Take(JsonElement line)
    {
        var seq = line.GetProperty("seq").GetInt64();
        if (seq != _seq + 1)
            _violations.Add($"{owner} in {room}: {seq} after {_seq}");
        _seq = seq;
        _events.Add(line);
    }
}
