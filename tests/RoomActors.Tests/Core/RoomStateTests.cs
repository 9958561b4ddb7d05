using ClusterChat.RoomActors.Journal;
using ClusterChat.RoomActors.Rooms;
using FsCheck;
using FsCheck.Xunit;

namespace ClusterChat.RoomActors.Tests.Core;

/// <summary>A state of a room and a range to read from it.</summary>
public sealed record ReadCase(byte Events, byte TailEvents, byte LineBytes, byte Trimmed, byte After, byte Before, byte Limit, byte Bytes, bool Newest);

public sealed class RoomStateTests
{
    [Property(MaxTest = 2000)]
    public void TryRead_gives_what_a_naive_read_gives_or_leaves_it_to_the_journal(ReadCase @case)
    {
        var count = @case.Events % 30;
        var first = Math.Min(1 + (@case.Trimmed % 10), count + 1);
        var all = Enumerable.Range(1, count).Select(n => Make.Event(n, bytes: 1 + (@case.LineBytes % 20))).ToList();
        var kept = all.Where(e => e.Seq >= first).ToList();
        var limits = Make.Limits(1 + (@case.TailEvents % 20), tailBytes: 100);
        var state = new RoomState(Make.Room, Make.Opened(count, first, kept), limits);
        var range = new ReadRange(@case.After % 35, @case.Before % 4 == 0 ? long.MaxValue : @case.Before % 35, @case.Limit % 12, @case.Newest, @case.Bytes);

        var wanted = kept.Where(e => e.Seq > range.After && e.Seq < range.Before).ToList();
        wanted = range.Newest ? [.. wanted.TakeLast(range.Limit)] : [.. wanted.Take(range.Limit)];
        var fits = Math.Max(1, range.Bytes / (1 + (@case.LineBytes % 20)));
        List<StoredEvent> page = range.Newest ? [.. wanted.TakeLast(fits)] : [.. wanted.Take(fits)];
        var read = state.TryRead(range);

        if (wanted.All(e => e.Seq >= state.TailStart))
            read.ShouldNotBeNull();
        if (page.Any(e => e.Seq < state.TailStart))
            read.ShouldBeNull();
        read?.Select(e => e.Seq).ShouldBe(page.Select(e => e.Seq));
    }

    [Property]
    public void The_tail_keeps_to_its_limits(byte[] sizes, byte tailEvents)
    {
        var limits = Make.Limits(1 + (tailEvents % 10), tailBytes: 300);
        var state = Make.State(limits);
        for (var i = 0; i < sizes.Length; i++)
        {
            state.Apply(Make.Event(i + 1, bytes: sizes[i]));
            state.Tail.Count.ShouldBeInRange(1, limits.TailEvents);
            if (state.Tail.Count > 1)
                state.Tail.Sum(e => e.Line.Length).ShouldBeLessThanOrEqualTo(limits.TailBytes);
            state.Tail.Select(e => e.Seq).ShouldBe(Enumerable.Range((int)state.TailStart, state.Tail.Count).Select(n => (long)n));
        }
    }

    [Fact]
    public void A_memory_room_has_no_history_but_its_tail()
    {
        var state = Make.State(Make.Limits(tailEvents: 3, tailIsAll: true), [.. Enumerable.Range(1, 10).Select(n => Make.Event(n))]);
        state.First.ShouldBe(8);
        state.TryRead(new ReadRange(0, long.MaxValue, 100, Newest: false)).ShouldNotBeNull().Select(e => e.Seq).ShouldBe([8, 9, 10]);
    }

    [Fact]
    public void A_page_that_its_bytes_end_within_the_tail_is_read_from_memory()
    {
        var state = Make.State(Make.Limits(tailEvents: 4), [.. Enumerable.Range(1, 10).Select(n => Make.Event(n, bytes: 100))]);
        state.TryRead(new ReadRange(0, long.MaxValue, 10, Newest: true, 399)).ShouldNotBeNull().Select(e => e.Seq).ShouldBe([8, 9, 10]);
        state.TryRead(new ReadRange(0, long.MaxValue, 10, Newest: true, 400)).ShouldBeNull("the one before might fit");
        state.TryRead(new ReadRange(0, long.MaxValue, 10, Newest: false, 100)).ShouldBeNull();
        state.TryRead(new ReadRange(0, 7, 10, Newest: true, 100)).ShouldBeNull();
    }

    [Fact]
    public void An_event_that_is_not_the_next_one_is_refused()
    {
        var state = Make.State(null, Make.Event(1));
        Should.Throw<InvalidOperationException>(() => state.Apply(Make.Event(1)));
        Should.Throw<InvalidOperationException>(() => state.Apply(Make.Event(3)));
        state.Head.ShouldBe(1);
    }

    [Theory]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(long.MaxValue, 0)]
    [InlineData(long.MaxValue - 1, long.MaxValue)]
    public void A_range_beyond_everything_is_empty(long after, long before)
        => Make.State(null, Make.Event(1)).TryRead(new ReadRange(after, before, 10, Newest: false)).ShouldNotBeNull().ShouldBeEmpty();

    [Fact]
    public void What_the_journal_knew_is_found_from_then_on()
    {
        var state = Make.State(null, Make.Event(1));
        state.Remember(Make.Event(-5, "bob", "old", ts: 7) with { Seq = 1 });
        state.TryFind("bob", "old", out var at).ShouldBeTrue();
        at.ShouldBe(new WrittenAt(1, 7));
        state.Head.ShouldBe(1);
    }
}
