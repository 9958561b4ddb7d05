using System.Globalization;
using ClusterChat.RoomActors.Journal;
using ClusterChat.TestKit;
using FsCheck.Xunit;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>
/// Random operations on two journals of one store and on the model give the same answers. FsCheck shrinks
/// a failing list of steps and prints its seed.
/// </summary>
public abstract class JournalModelContract
{
    // In slots of their own: the model has no neighbours.
    private static readonly string[] Names = ["a", "ab", "b", "😀", "～"];

    [Property(MaxTest = 60, EndSize = 80)]
    public Task A_journal_answers_as_the_model_does(Step[] steps) => WithTwoAsync(async journals =>
    {
        var model = new InMemoryJournal();
        foreach (var step in steps)
        {
            var expected = await ApplyAsync(model, model, step);
            var actual = await ApplyAsync(journals[step.A % 2], model, step, isRepeat: true);
            actual.ShouldBe(expected);
        }

        foreach (var room in model.Rooms)
            (await journals[0].AllAsync(room.Name)).Select(Make.Show).ShouldBe(room.Events.Select(Make.Show));
    });

    /// <summary>Runs something with two journals of a fresh store, and closes them.</summary>
    protected abstract Task WithTwoAsync(Func<IJournal[], Task> use);

    private static async Task<string> ApplyAsync(IJournal journal, InMemoryJournal model, Step step, bool isRepeat = false)
    {
        var name = Names[step.Room % Names.Length];
        switch (step.Kind % 14)
        {
            case 0 or 5 or 6:
                var opened = await journal.OpenAsync(name, step.A % 4, step.B % 8, default);
                return opened is null ? "refused" : string.Create(
                    CultureInfo.InvariantCulture, $"{opened.Epoch} {opened.Head} {opened.First} {Show(opened.Tail)}");
            case 1 or 7:
                var range = new ReadRange(step.A % 12, step.B % 3 == 0 ? long.MaxValue : step.B % 20, step.C % 7, step.C % 2 == 0);
                return Show(await journal.ReadAsync(name, range, default));
            case 3 when journal is IRoomDeletion deletion:
                return $"{await deletion.DeleteAsync(name, default)}";
            case 2 or 4:
                var rooms = await journal.ListRoomsAsync(step.B % 2 == 0 ? "" : name, step.C % 2 == 0 ? "" : Names[step.B % Names.Length], step.C % 4, default);
                return string.Join(' ', rooms);
            default:
                // Made from the model's state before the step; the journal under test gets the same batch.
                if (!isRepeat)
                    step.Batch = [.. Names.Where((_, i) => i == step.Room % Names.Length || (step.C & (1 << i)) != 0).Select(room => Entry(model, room, step))];
                var results = await journal.AppendAsync(step.Batch, default);
                return string.Join(' ', results.Select(result => $"{result.Status} {Show(result.Duplicates)};"));
        }
    }

    private static AppendEntry Entry(InMemoryJournal model, string name, Step step)
    {
        // Mostly right; now and then a stale epoch, another base, a wrong number.
        var epoch = model.EpochOf(name) - (step.A % 9 == 0 ? 1 : 0);
        var head = (model.Find(name)?.Head ?? 0) + (step.A % 7 == 0 ? 1 : 0) - (step.A % 5 == 0 ? 1 : 0);
        var events = Enumerable.Range(0, 1 + (step.B % 3)).Select(i => Make.Event(
            head + 1 + i + (step.A % 11 == 0 ? 1 : 0),
            string.Create(CultureInfo.InvariantCulture, $"m{(step.C + (i * (step.B % 5))) % 40}"),
            step.B % 4 == 0 ? "bob" : "ann"));
        return new AppendEntry(name, epoch, head, [.. events]);
    }

    private static string Show(IEnumerable<StoredEvent> events) => string.Join(", ", events.Select(Make.Show));

    public sealed record Step(byte Kind, byte Room, byte A, byte B, byte C)
    {
        internal IReadOnlyList<AppendEntry> Batch { get; set; } = [];
    }
}
