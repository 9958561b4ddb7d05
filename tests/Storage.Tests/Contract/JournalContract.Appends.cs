using System.Text;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Tests.Contract;

public abstract partial class JournalContract
{
    [Fact]
    public async Task Sequence_numbers_are_dense()
    {
        var opened = await Journal.OpenAsync("r");
        long head = 0;
        foreach (var count in new[] { 1, 5, 1, 3 })
        {
            await Journal.CommitAsync(Make.Run("r", opened.Epoch, head, count));
            head += count;
        }

        (await Journal.AllAsync("r")).Seqs().ShouldBe(Enumerable.Range(1, 10).Select(i => (long)i));
        (await Journal.OpenAsync("r")).Head.ShouldBe(10);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Another_base_than_the_head_is_fenced(long baseSeq)
    {
        var opened = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));

        (await Journal.AppendAsync(Make.Entry("r", opened.Epoch, baseSeq, "b"))).Status.ShouldBe(AppendStatus.Fenced);
        (await Journal.AllAsync("r")).Mids().ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_batch_answers_for_each_room_by_itself()
    {
        var good = await Journal.OpenAsync("good");
        var last = await Journal.OpenAsync("last");
        var stale = await Journal.OpenAsync("stale");
        await Journal.OpenAsync("stale");
        var repeats = await Journal.OpenAsync("repeats");
        await Journal.CommitAsync(Make.Entry("repeats", repeats.Epoch, 0, "seen"));
        var poisoned = await Journal.OpenAsync("poisoned");

        var results = await Journal.AppendAsync(
            [
                Make.Entry("good", good.Epoch, 0, "a", "b"),
                Make.Entry("stale", stale.Epoch, 0, "a"),
                Make.Entry("repeats", repeats.Epoch, 1, "new", "seen"),
                Make.Entry("poisoned", poisoned.Epoch, 0, "a", "nul\0"),
                Make.Entry("last", last.Epoch, 0, "z"),
            ],
            default);

        results.Select(result => result.Status).ShouldBe(
            [AppendStatus.Committed, AppendStatus.Fenced, AppendStatus.Duplicate, AppendStatus.Rejected, AppendStatus.Committed]);
        results[3].Error.ShouldNotBeNullOrEmpty();
        (await Journal.AllAsync("good")).Mids().ShouldBe(["a", "b"]);
        (await Journal.AllAsync("stale")).ShouldBeEmpty();
        (await Journal.AllAsync("repeats")).Mids().ShouldBe(["seen"]);
        (await Journal.AllAsync("poisoned")).ShouldBeEmpty();
        (await Journal.AllAsync("last")).Mids().ShouldBe(["z"]);

        // A refused part leaves the room as it was: its writer goes on from the same head.
        await Journal.CommitAsync(Make.Entry("repeats", repeats.Epoch, 1, "new"));
        await Journal.CommitAsync(Make.Entry("poisoned", poisoned.Epoch, 0, "a"));
    }

    [Fact]
    public async Task An_empty_batch_is_no_error() => (await Journal.AppendAsync([], default)).ShouldBeEmpty();

    [Fact]
    public async Task An_entry_that_breaks_the_numbering_is_rejected()
    {
        var opened = await Journal.OpenAsync("r");
        AppendEntry[] wrong =
        [
            new("r", opened.Epoch, 0, []),
            new("r", opened.Epoch, 0, [Make.Event(2, "a")]),
            new("r", opened.Epoch, 0, [Make.Event(1, "a"), Make.Event(3, "b")]),
            new("r", opened.Epoch, 0, [Make.Event(1, "a"), Make.Event(1, "b")]),
        ];
        foreach (var entry in wrong)
            (await Journal.AppendAsync(entry)).Status.ShouldBe(AppendStatus.Rejected);

        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));
    }

    [Fact]
    public async Task A_thousand_events_in_a_batch()
    {
        var one = await Journal.OpenAsync("one");
        var rooms = new List<AppendEntry> { Make.Run("one", one.Epoch, 0, 1000) };
        for (var i = 0; i < 100; i++)
        {
            // Of those that are not stored yet some are neighbours.
            var opened = await Journal.OpenAsync($"r{i}");
            await Journal.CommitAsync(Make.Entry($"r{i}", opened.Epoch, 0, "first"));
            rooms.Add(Make.Run($"r{i}", opened.Epoch, 1, 9));
        }

        one = await Journal.OpenAsync("one");
        rooms[0] = Make.Run("one", one.Epoch, 0, 1000);

        (await Journal.AppendAsync(rooms, default)).ShouldAllBe(result => result.Status == AppendStatus.Committed);
        (await Journal.AllAsync("one")).Seqs().ShouldBe(Enumerable.Range(1, 1000).Select(i => (long)i));
        (await Journal.AllAsync("r99")).Count.ShouldBe(10);
    }

    [Fact]
    public async Task All_fields_and_lines_are_kept_byte_for_byte()
    {
        var opened = await Journal.OpenAsync("комната 房间 🏠");
        var bytes = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        StoredEvent[] events =
        [
            new(1, EventKind.Message, "Ünïcødé", "m-1", 1, 0, Encoding.UTF8.GetBytes("""{"text":"你好 👩‍👩‍👧 \u0000"}""")),
            new(2, EventKind.Edited, "用户", "🙂", long.MaxValue, 1, bytes),
            new(3, EventKind.Deleted, "", "", 0, 2, ReadOnlyMemory<byte>.Empty),
            new(4, EventKind.Reacted, "a b", "'; DROP TABLE room; --", -1, 1, new byte[100_000]),
        ];
        await Journal.CommitAsync(new AppendEntry("комната 房间 🏠", opened.Epoch, 0, events));

        (await Journal.AllAsync("комната 房间 🏠")).Select(Make.Show).ShouldBe(events.Select(Make.Show));
        (await Journal.OpenAsync("комната 房间 🏠")).Tail.Select(Make.Show).ShouldBe(events.Select(Make.Show));
    }

    [Fact]
    public async Task A_line_is_kept_as_it_was_when_its_buffer_is_reused()
    {
        var opened = await Journal.OpenAsync("r");
        var buffer = "first"u8.ToArray();
        await Journal.CommitAsync(new AppendEntry("r", opened.Epoch, 0, [Make.Event(1, "a") with { Line = buffer }]));
        Array.Clear(buffer);

        var stored = (await Journal.AllAsync("r")).ShouldHaveSingleItem();
        Encoding.UTF8.GetString(stored.Line.Span).ShouldBe("first");
    }

    [Fact]
    public async Task Names_differ_by_case_and_by_accents_composed_or_not()
    {
        string[] names = ["Room", "room", "ROOM", "r\u00f6\u00f6m", "ro\u0308o\u0308m"];
        foreach (var name in names)
        {
            var opened = await Journal.OpenAsync(name);
            opened.Epoch.ShouldBe(1);
            await Journal.CommitAsync(Make.Entry(name, opened.Epoch, 0, name));
        }

        foreach (var name in names)
            (await Journal.AllAsync(name)).Mids().ShouldBe([name]);
    }

    [Fact]
    public async Task Many_writers_at_once_each_keep_their_room_in_order()
    {
        var other = await CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            var journal = i % 2 == 0 ? Journal : other;
            var room = $"r{i}";
            var opened = await journal.OpenAsync(room);
            for (var n = 0; n < 20; n++)
                await journal.CommitAsync(Make.Run(room, opened.Epoch, n * 2, 2));
        })));

        for (var i = 0; i < 20; i++)
            (await Journal.AllAsync($"r{i}")).Seqs().ShouldBe(Enumerable.Range(1, 40).Select(n => (long)n));
    }
}
