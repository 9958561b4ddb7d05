using System.Globalization;
using System.Text;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Bench.Durable;

/// <summary>Rows like those that the load makes: each of a batch is in another room.</summary>
internal static class Rows
{
    /// <summary>How many a batch has.</summary>
    public const int Batch = 100;

    public const string Author = "g:0123456789abcdefghijkl";

    public const long Time = 1_700_000_000_000;

    public static IReadOnlyList<string> Rooms { get; } = [.. Enumerable.Range(0, Batch).Select(i => "room:" + i.ToString(CultureInfo.InvariantCulture))];

    public static string Mid(string room, long seq) => string.Create(CultureInfo.InvariantCulture, $"{room}-{seq}");

    public static byte[] Line(string room, long seq) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"t":"msg","room":"{{room}}","seq":{{seq}},"mid":"{{Mid(room, seq)}}","from":"u0","ts":{{Time}},"text":"@123456789012345 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"""));

    /// <summary>Makes the rooms, with an event each, which an empty journal does not have.</summary>
    /// <returns>The epoch of each.</returns>
    public static async Task<IReadOnlyDictionary<string, long>> OpenAsync(IJournal journal)
    {
        var epochs = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var room in Rooms)
        {
            epochs[room] = await OpenAsync(journal, room);
        }

        return epochs;
    }

    /// <summary>Opens a room of an empty journal and stores it, so that the opening of another one does not fence its owner.</summary>
    /// <returns>Its epoch; its head is 1.</returns>
    public static async Task<long> OpenAsync(IJournal journal, string room)
    {
        var opened = (await journal.OpenAsync(room, view: 0, tail: 0, CancellationToken.None))!;
        var first = new StoredEvent(1, EventKind.Message, Author, "first", Time, 0, Line(room, 1));
        var result = (await journal.AppendAsync([new AppendEntry(room, opened.Epoch, 0, [first])], CancellationToken.None))[0];
        return result.Status == AppendStatus.Committed
            ? opened.Epoch : throw new InvalidOperationException($"The journal answered {result.Status}: {result.Error}");
    }
}
