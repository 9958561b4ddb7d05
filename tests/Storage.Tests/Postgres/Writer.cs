using System.Collections.Concurrent;
using System.Globalization;
using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Postgres;

/// <summary>
/// Writes a room as its owner does: one append at a time; after an unknown outcome it opens the room again, and
/// sends again what is not there. It never gives a write up.
/// </summary>
internal sealed class Writer(IJournal journal, string room)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _awaited = [];
    private TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Room => room;

    /// <summary>What was acked: the mid of each number.</summary>
    public ConcurrentDictionary<int, string> Acked { get; } = new();

    public Task AckedAtLeastAsync(int count)
    {
        lock (_gate)
        {
            if (Acked.Count >= count)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((count, reached));
            return reached.Task;
        }
    }

    /// <summary>Ends with the next outcome that is not known.</summary>
    public Task NextFailureAsync()
    {
        lock (_gate)
            return _failed.Task;
    }

    public async Task RunAsync(CancellationToken stop)
    {
        OpenedRoom? opened = null;
        long head = 0;
        for (var n = 0; !stop.IsCancellationRequested;)
        {
            if (opened is null)
            {
                opened = await TryOpenAsync();
                head = opened?.Head ?? 0;
                continue;
            }

            var mid = string.Create(CultureInfo.InvariantCulture, $"m{n}");
            var result = await journal.AppendAsync(Make.Entry(room, opened.Epoch, head, mid));
            switch (result.Status)
            {
                case AppendStatus.Committed:
                    Ack((int)++head, mid);
                    n++;
                    break;
                case AppendStatus.Duplicate:
                    Ack((int)result.Duplicates[0].Seq, mid);
                    n++;
                    break;
                default:
                    Fail();
                    opened = null;
                    break;
            }
        }
    }

    private async Task<OpenedRoom?> TryOpenAsync()
    {
        try
        {
            return await journal.OpenAsync(room);
        }
        catch (JournalUnavailableException)
        {
            // A room's actor pauses as well.
            await Task.Delay(Pause, TimeProvider.System);
            return null;
        }
    }

    private void Ack(int seq, string mid)
    {
        lock (_gate)
        {
            Acked[seq] = mid;
            foreach (var (_, reached) in _awaited.Where(awaited => Acked.Count >= awaited.Count))
                reached.TrySetResult();
        }
    }

    private void Fail()
    {
        lock (_gate)
        {
            _failed.TrySetResult();
            _failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
