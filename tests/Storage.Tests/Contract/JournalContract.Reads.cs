using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Tests.Contract;

public abstract partial class JournalContract
{
    // In the order of their UTF-8 bytes. The emoji's surrogates are below U+FF5E in UTF-16, its bytes above.
    private static readonly string[] ListedRooms = ["", "!", "a", "aa", "ab", "b", "é", "中", "中国", "中国人", "中文", "～", "😀", "😀😀", "😁"];

    [Theory]
    [InlineData(0, long.MaxValue, 4, false, new long[] { 1, 2, 3, 4 })]
    [InlineData(0, long.MaxValue, 4, true, new long[] { 7, 8, 9, 10 })]
    [InlineData(3, long.MaxValue, 2, false, new long[] { 4, 5 })]
    [InlineData(3, long.MaxValue, 2, true, new long[] { 9, 10 })]
    [InlineData(0, 6, 2, false, new long[] { 1, 2 })]
    [InlineData(0, 6, 2, true, new long[] { 4, 5 })]
    [InlineData(3, 6, 100, false, new long[] { 4, 5 })]
    [InlineData(3, 6, 100, true, new long[] { 4, 5 })]
    [InlineData(3, 4, 100, true, new long[] { })]
    [InlineData(6, 3, 100, false, new long[] { })]
    [InlineData(10, long.MaxValue, 5, false, new long[] { })]
    [InlineData(long.MaxValue, long.MaxValue, 5, true, new long[] { })]
    [InlineData(0, long.MaxValue, 0, false, new long[] { })]
    [InlineData(0, long.MaxValue, -1, true, new long[] { })]
    [InlineData(-5, 3, 5, true, new long[] { 1, 2 })]
    public async Task A_range_is_read_in_ascending_order(long after, long before, int limit, bool newest, long[] expected)
    {
        var opened = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Run("r", opened.Epoch, 0, 10));
        var other = await Journal.OpenAsync("other");
        await Journal.CommitAsync(Make.Run("other", other.Epoch, 0, 20));

        (await Journal.ReadAsync("r", new ReadRange(after, before, limit, newest), default)).Seqs().ShouldBe(expected);
    }

    // Lines of 10, 20, .. 100 bytes.
    [Theory]
    [InlineData(0, long.MaxValue, 100, false, 60, new long[] { 1, 2, 3 })]
    [InlineData(0, long.MaxValue, 100, false, 59, new long[] { 1, 2 })]
    [InlineData(0, long.MaxValue, 2, false, 60, new long[] { 1, 2 })]
    [InlineData(0, long.MaxValue, 100, true, 270, new long[] { 8, 9, 10 })]
    [InlineData(0, long.MaxValue, 100, true, 269, new long[] { 9, 10 })]
    [InlineData(0, long.MaxValue, 1, true, 269, new long[] { 10 })]
    [InlineData(4, 9, 100, false, 110, new long[] { 5, 6 })]
    [InlineData(4, 9, 100, true, 150, new long[] { 7, 8 })]
    [InlineData(4, 9, 100, false, 1, new long[] { 5 })]
    [InlineData(4, 9, 100, true, 1, new long[] { 8 })]
    [InlineData(4, 9, 100, true, 0, new long[] { 8 })]
    [InlineData(0, long.MaxValue, 100, false, 550, new long[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 })]
    [InlineData(0, long.MaxValue, 0, true, 550, new long[] { })]
    public async Task A_range_ends_at_its_limit_of_bytes_but_has_an_event(long after, long before, int limit, bool newest, int bytes, long[] expected)
    {
        var opened = await Journal.OpenAsync("r");
        await Journal.CommitAsync(new AppendEntry(
            "r", opened.Epoch, 0, [.. Enumerable.Range(1, 10).Select(n => Make.Event(n, $"m{n}", line: new string('x', n * 10)))]));

        var range = new ReadRange(after, before, limit, newest, bytes);
        (await Journal.ReadAsync("r", range, default)).Seqs().ShouldBe(expected);

        // A read that stopped early leaves nothing behind that the next one, or a commit, would meet.
        await Journal.CommitAsync(Make.Run("r", opened.Epoch, 10, 1));
        (await Journal.AllAsync("r")).Count.ShouldBe(11);
    }

    [Fact]
    public async Task A_line_that_is_stored_apart_from_its_row_counts_with_all_of_its_bytes()
    {
        // Neither SQLite's page nor PostgreSQL's row holds so much, and it cannot be compressed.
        var random = new Random(1);
        var lines = Enumerable.Range(0, 4).Select(_ => random.GetItems("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".ToCharArray(), 20_000)).Select(c => new string(c)).ToList();
        var opened = await Journal.OpenAsync("r");
        await Journal.CommitAsync(new AppendEntry("r", opened.Epoch, 0, [.. lines.Select((line, i) => Make.Event(i + 1, $"m{i}", line: line))]));

        (await Journal.ReadAsync("r", new ReadRange(0, long.MaxValue, 100, Newest: true, 40_000), default)).Seqs().ShouldBe([3L, 4]);
        var oldest = await Journal.ReadAsync("r", new ReadRange(0, long.MaxValue, 100, Newest: false, 40_001), default);
        oldest.Select(e => System.Text.Encoding.UTF8.GetString(e.Line.Span)).ShouldBe(lines[..2]);
    }

    [Fact]
    public async Task A_room_that_does_not_exist_reads_as_empty() =>
        (await Journal.AllAsync("nowhere")).ShouldBeEmpty();

    [Fact]
    public async Task A_commit_is_read_at_once_by_every_journal_of_the_store()
    {
        var other = await CreateAsync();
        var opened = await Journal.OpenAsync("r");
        for (var n = 0; n < 20; n++)
        {
            await Journal.CommitAsync(Make.Run("r", opened.Epoch, n, 1));
            (await Journal.AllAsync("r")).Count.ShouldBe(n + 1);
            (await other.AllAsync("r")).Count.ShouldBe(n + 1);
        }
    }

    [Fact]
    public async Task Rooms_are_listed_in_the_order_of_their_utf8_bytes()
    {
        await WriteListedRoomsAsync();

        // The room whose name is empty does not come after the empty name.
        (await Journal.NamesAsync()).ShouldBe(ListedRooms[1..]);
        (await Journal.NamesAsync("a")).ShouldBe(["a", "aa", "ab"]);
        (await Journal.NamesAsync("中")).ShouldBe(["中", "中国", "中国人", "中文"]);
        (await Journal.NamesAsync("中国")).ShouldBe(["中国", "中国人"]);
        (await Journal.NamesAsync("～")).ShouldBe(["～"]);
        (await Journal.NamesAsync("😀")).ShouldBe(["😀", "😀😀"]);
        (await Journal.NamesAsync("😂")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_list_can_be_paged_and_gives_heads()
    {
        await WriteListedRoomsAsync();
        foreach (var limit in new[] { 1, 2, 5, 100 })
        {
            var names = new List<string>();
            while (true)
            {
                var page = await Journal.ListRoomsAsync("", names.LastOrDefault(""), limit, default);
                page.Count.ShouldBeLessThanOrEqualTo(limit);
                page.ShouldAllBe(room => room.Head == room.Room.Length + 1);
                names.AddRange(page.Select(room => room.Room));
                if (page.Count < limit)
                    break;
            }

            names.ShouldBe(ListedRooms[1..]);
        }

        (await Journal.NamesAsync("中", after: "中国", limit: 1)).ShouldBe(["中国人"]);
        (await Journal.NamesAsync("a", after: "中")).ShouldBeEmpty();
        (await Journal.NamesAsync("中", after: "a")).ShouldBe(["中", "中国", "中国人", "中文"]);
        (await Journal.NamesAsync(limit: 0)).ShouldBeEmpty();
        (await Journal.NamesAsync(limit: -1)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_room_without_an_event_is_not_listed()
    {
        await Journal.OpenAsync("empty");
        var opened = await Journal.OpenAsync("full");
        await Journal.CommitAsync(Make.Entry("full", opened.Epoch, 0, "a"));

        (await Journal.ListRoomsAsync("", "", 10, default)).ShouldBe([new StoredRoom("full", 1)]);
    }

    private async Task WriteListedRoomsAsync()
    {
        foreach (var name in ListedRooms.Reverse())
        {
            var opened = await Journal.OpenAsync(name);
            await Journal.CommitAsync(Make.Run(name, opened.Epoch, 0, name.Length + 1));
        }
    }
}
