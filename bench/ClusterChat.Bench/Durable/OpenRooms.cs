using System.Globalization;
using System.Security.Cryptography;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Bench.Durable;

/// <summary>Rooms of a journal, and what is needed to append to them.</summary>
/// <param name="journal">It, started.</param>
/// <param name="count">How many rooms.</param>
internal sealed class OpenRooms(IJournal journal, int count)
{
    private readonly (string Name, long Epoch, long Head)[] _rooms = new (string, long, long)[count];
    private readonly int[] _order = [.. Enumerable.Range(0, count)];
    private readonly Random _random = new(1);

    /// <summary>Opens the rooms and gives them events, in batches.</summary>
    public async Task FillAsync(int events, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            var name = "room:" + i.ToString(CultureInfo.InvariantCulture);
            _rooms[i] = (name, await Rows.OpenAsync(journal, name), 1);
        }

        for (var done = 0; done < events; done += count)
            await CommitAsync(count, cancellationToken);
    }

    /// <summary>Commits one event to each of so many rooms.</summary>
    public async Task CommitAsync(int rooms, CancellationToken cancellationToken)
    {
        var batch = new AppendEntry[rooms];
        for (var i = 0; i < rooms; i++)
        {
            var other = _random.Next(i, count);
            (_order[i], _order[other]) = (_order[other], _order[i]);
            var (name, epoch, head) = _rooms[_order[i]];
            var e = new StoredEvent(head + 1, EventKind.Message, Rows.Author, RandomNumberGenerator.GetHexString(16), Rows.Time, 0, Rows.Line(name, head + 1));
            batch[i] = new AppendEntry(name, epoch, head, [e]);
            _rooms[_order[i]].Head++;
        }

        var results = await journal.AppendAsync(batch, cancellationToken);
        if (results.FirstOrDefault(r => r.Status != AppendStatus.Committed) is { } failed)
            throw new InvalidOperationException($"The journal answered {failed.Status}: {failed.Error}");
    }
}
