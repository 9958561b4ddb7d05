using System.Globalization;
using ClusterChat.Cluster;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Tests;

/// <summary>A client of subscriptions that writes down what it hears.</summary>
internal sealed class FakeClient : IRoomClient
{
    private Action? _whenReady;
    private int _asked;

    public RoomOrigin? Origin { get; init; }

    /// <summary>What it heard, such as <c>event 5</c> or <c>entered 1..3 at 3 more</c>.</summary>
    public List<string> Heard { get; } = [];

    /// <summary>The numbers of all events that it got, in pages and live, in order.</summary>
    public List<long> Seqs { get; } = [];

    /// <summary>How many times it was given events that go out together.</summary>
    public int Broadcasts { get; private set; }

    /// <summary>Whether it takes further pages at once.</summary>
    public bool Ready { get; set; } = true;

    /// <summary>Throws out of the next event, as a bug would.</summary>
    public bool Throws { get; set; }

    /// <summary>The bytes of all pages that it got.</summary>
    public long ReadBytes { get; private set; }

    public void OnRead(long bytes) => ReadBytes += bytes;

    public IEnumerable<string> Of(string kind) => Heard.Where(h => h.StartsWith(kind, StringComparison.Ordinal));

    public void BecomeReady()
    {
        var whenReady = _whenReady.ShouldNotBeNull();
        _whenReady = null;
        whenReady();
    }

    /// <summary>Whether it confirms what it is told.</summary>
    public bool Confirms { get; set; } = true;

    public int AskWhetherHeard() => ++_asked;

    public bool HasHeard(int asked) => Confirms;

    public void OnEvents(RoomEvents events)
    {
        if (Throws)
            throw new InvalidOperationException("a bug");
        Broadcasts++;
        foreach (var roomEvent in events.Events)
        {
            Seqs.Add(roomEvent.Seq);
            Hear($"event {roomEvent.Seq}");
        }
    }

    public void OnEntered(JoinRoom join, EnteredPage page)
    {
        Seqs.AddRange(page.Events.Select(e => e.Seq));
        Members = page.Members;
        var range = page.Events.Count == 0 ? "nothing" : $"{page.Events[0].Seq}..{page.Events[^1].Seq}";
        Hear($"entered {range} at {page.Log}/{page.Seq}{(page.Recovered ? "" : " lost")}{(page.More ? " more" : "")}");
    }

    public void OnRefused(RoomCall call, ProtocolError error) => Hear($"refused {call.GetType().Name} {call.Id} {error.Code}");

    public void OnWritten(WriteRoom write, long seq, long ts, bool dup) => Hear($"written {write.Mid} {seq}{(dup ? " dup" : "")}");

    public void OnHistory(ReadHistory read, EventPage page) => Hear($"history {read.Id} {page.FirstSeq}");

    public void OnMembers(ReadMembers read, MemberPage page) => Hear($"members {read.Id} {string.Join(',', page.Names)}");

    public void OnLeft(LeaveRoom leave) => Hear($"left {leave.Id}");

    /// <summary>Who is there by the last page of a join.</summary>
    public IReadOnlyList<string>? Members { get; private set; }

    /// <summary>The changes of presence, as names.</summary>
    public List<string> Presence { get; } = [];

    public void OnPresence(PresenceChanged presence)
    {
        Presence.Add($"+{string.Join(',', presence.Joined ?? [])} -{string.Join(',', presence.Left ?? [])}");
        Hear($"presence {presence.Count}");
    }

    public void OnTyping(string room, string name, string uid) => Hear($"typing {name} {uid}");

    public void OnReset(JoinRoom join) => Hear($"reset");

    public bool IsReady(Action whenReady)
    {
        if (Ready)
            return true;
        _whenReady = whenReady;
        return false;
    }

    private void Hear(FormattableString what) => Heard.Add(what.ToString(CultureInfo.InvariantCulture));
}
