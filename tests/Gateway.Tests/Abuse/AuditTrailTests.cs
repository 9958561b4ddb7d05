using System.Net;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Abuse;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Gateway.Fanout;
using ClusterChat.TestKit;
using ClusterChat.TestKit.Abuse;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Gateway.Tests.Abuse;

public sealed class AuditTrailTests : IDisposable
{
    private readonly InMemoryMessageAudit _store = new();
    private readonly ManualClock _clock = new();
    private readonly MeterReader _meters = new();

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task What_is_acked_is_written_with_others_and_says_who_from_where()
    {
        var trail = Start();
        var at = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        trail.Acked(Write("lobby", "m1", "g:1"), 7, false, "g:1", IPAddress.Parse("::ffff:203.0.113.7"));
        trail.Acked(Write("lobby", "m1", "g:1"), 7, true, null, null);
        await trail.StopAsync();

        _store.Entries.Select(e => e with { Id = 0 }).ShouldBe(
        [
            new AuditedMessage("lobby", 7, "m1", "g:1", "g:1", "203.0.113.7", at, false),
            new AuditedMessage("lobby", 7, "m1", "g:1", "", "unknown", at, true),
        ]);
        _store.Batches.ShouldBe([2]);
        trail.Lost.ShouldBe(0);
    }

    [Fact]
    public async Task What_the_queue_has_no_place_for_is_lost_and_counted_and_nobody_waits()
    {
        _store.IsAway = true;
        var trail = Start(new AuditOptions { Queued = 10 });
        for (var i = 0; i < 100; i++)
            trail.Acked(Write("lobby", $"m{i}", "ann"), i + 1, false, null, IPAddress.Loopback);
        _store.IsAway = false;
        await trail.StopAsync();

        trail.Lost.ShouldBeInRange(80, 90, "ten wait, and up to ten are being written");
        (_store.Entries.Count + trail.Lost).ShouldBe(100);
        _meters.Read()["clusterchat_audit_lost"].Samples.Single().Value.ShouldBe(trail.Lost);
    }

    [Fact]
    public async Task What_could_not_be_written_at_the_stop_is_counted_as_lost()
    {
        _store.IsAway = true;
        var trail = Start();
        trail.Acked(Write("lobby", "m1", "ann"), 1, false, null, IPAddress.Loopback);
        await trail.StopAsync();
        trail.Lost.ShouldBe(1);
    }

    [Fact]
    public async Task Entries_that_cannot_be_kept_are_lost_and_later_ones_are_written()
    {
        _store.RefusesNext = true;
        var trail = Start();
        for (var i = 0; i < 1_001; i++)
            trail.Acked(Write("lobby", $"m{i}", "ann"), i + 1, false, null, IPAddress.Loopback);
        await trail.StopAsync();
        (_store.Entries.Count + trail.Lost).ShouldBe(1_001);
        _store.Entries[^1].Seq.ShouldBe(1_001);
        trail.Lost.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Old_entries_are_forgotten()
    {
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        await _store.AddAsync([Old(now - 60_001), Old(now - 60_000), Old(now)], default);
        var trail = Start(new AuditOptions { KeepFor = TimeSpan.FromMinutes(1) });
        await trail.StopAsync();
        _store.Entries.Select(e => e.At).ShouldBe([now - 60_000, now]);
    }

    [Fact]
    public async Task A_message_of_a_connection_is_handed_in_with_its_session_and_address()
    {
        var trail = Start();
        using var world = new ConnectionWorld(audit: trail);
        var ann = world.Hello("ann", address: "2001:db8::7");
        ann.Send("""{"id":2,"t":"join","room":"lobby"}""").Send("""{"id":3,"t":"send","room":"lobby","mid":"m1","text":"hi"}""");
        var write = world.Cluster.Sent.OfType<Write>().Single();
        world.Say(new WritesDone("lobby", world.Stream("lobby"), [new WriteDone(write.Number, 5, 1, false, null)]));
        ann.Types.ShouldContain("ack");

        await trail.StopAsync();
        var entry = _store.Entries.ShouldHaveSingleItem();
        (entry.Room, entry.Seq, entry.Mid, entry.User, entry.Session, entry.Address).ShouldBe(
            ("lobby", 5, "m1", ann.Connection.Who!.Member.User, ann.Connection.Who.Member.User, "2001:db8::7"));
    }

    private AuditTrail Start(AuditOptions? options = null)
    {
        var trail = new AuditTrail(_store, options ?? new AuditOptions(), _clock, NullLogger.Instance, _meters.Meters);
        trail.Start();
        return trail;
    }

    private static WriteRoom Write(string room, string mid, string user)
        => new(new FakeClient(), null, room, new Member(user, "ann"), Visitor: true, mid, new MessageContent("hi", null, default));

    private static AuditedMessage Old(long at) => new("r", 1, "m", "ann", "", "::1", at, false);
}
