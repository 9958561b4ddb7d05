using System.Globalization;
using System.Text;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>Short forms of what the journal's tests are full of.</summary>
internal static class Make
{
    public static readonly ReadRange All = new(0, long.MaxValue, int.MaxValue, Newest: false);

    public static StoredEvent Event(long seq, string mid, string author = "ann", string? line = null) => new(
        seq, EventKind.Message, author, mid, 1_700_000_000_000 + seq, 0,
        Encoding.UTF8.GetBytes(line ?? string.Create(CultureInfo.InvariantCulture, $$"""{"seq":{{seq}},"mid":"{{mid}}"}""")));

    public static AppendEntry Entry(string room, long epoch, long baseSeq, params string[] mids) =>
        new(room, epoch, baseSeq, [.. mids.Select((mid, i) => Event(baseSeq + 1 + i, mid))]);

    public static AppendEntry Run(string room, long epoch, long baseSeq, int count) =>
        Entry(room, epoch, baseSeq, [.. Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"m{baseSeq + i}"))]);

    public static async Task<OpenedRoom> OpenAsync(this IJournal journal, string room, long view = 0, int tail = 100)
    {
        var opened = await journal.OpenAsync(room, view, tail, default);
        return opened.ShouldNotBeNull();
    }

    public static async Task<AppendResult> AppendAsync(this IJournal journal, AppendEntry entry) =>
        (await journal.AppendAsync([entry], default)).ShouldHaveSingleItem();

    public static async Task CommitAsync(this IJournal journal, AppendEntry entry)
    {
        var result = await journal.AppendAsync(entry);
        result.Status.ShouldBe(AppendStatus.Committed, result.Error);
    }

    public static ValueTask<IReadOnlyList<StoredEvent>> AllAsync(this IJournal journal, string room) =>
        journal.ReadAsync(room, All, default);

    public static async Task<string[]> NamesAsync(this IJournal journal, string prefix = "", string after = "", int limit = 1000) =>
        [.. (await journal.ListRoomsAsync(prefix, after, limit, default)).Select(room => room.Room)];

    public static long[] Seqs(this IEnumerable<StoredEvent> events) => [.. events.Select(e => e.Seq)];

    public static string[] Mids(this IEnumerable<StoredEvent> events) => [.. events.Select(e => e.Mid)];

    /// <summary>All of an event, in a form that compares by value.</summary>
    public static string Show(this StoredEvent e) => string.Create(
        CultureInfo.InvariantCulture,
        $"{e.Seq} {e.Kind} {e.Author}/{e.Mid} {e.Ts} of {e.Of}: {Convert.ToHexString(e.Line.Span)}");
}
