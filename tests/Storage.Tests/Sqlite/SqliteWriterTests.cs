using System.Diagnostics.Metrics;
using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Sqlite;
using ClusterChat.Storage.Tests.Contract;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using SQLitePCL;

namespace ClusterChat.Storage.Tests.Sqlite;

/// <summary>The queue and the group commit; a lock of another connection keeps the writer waiting.</summary>
public sealed class SqliteWriterTests : SqliteTest
{
    [Fact]
    public async Task Appends_that_wait_share_a_commit_and_each_has_its_own_answer()
    {
        var commits = 0;
        var journal = await Folder.StartAsync(Folder.Options with
        {
            OnSession = session => raw.sqlite3_commit_hook(session.Handle, _ => Interlocked.Increment(ref commits) * 0, null),
        });
        // So few that none of them are neighbours.
        var epochs = new long[40];
        for (var i = 0; i < epochs.Length; i++)
            epochs[i] = (await journal.OpenAsync($"r{i}")).Epoch;
        var before = commits;

        var release = HoldLock();
        var appends = epochs
            .Select((epoch, i) => journal.AppendAsync(Make.Entry($"r{i}", i % 10 == 0 ? epoch - 1 : epoch, 0, "a")))
            .ToArray();
        var opening = journal.OpenAsync("r1");
        await release();

        var results = await Task.WhenAll(appends);
        for (var i = 0; i < results.Length; i++)
            results[i].Status.ShouldBe(i % 10 == 0 ? AppendStatus.Fenced : AppendStatus.Committed);
        // The open stood behind the append, so it sees it.
        (await opening).Tail.Mids().ShouldBe(["a"]);
        // The writer may have taken the first ones before the others were there.
        (commits - before).ShouldBeInRange(1, 10);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_what_was_taken_is_committed()
    {
        var journal = await Folder.StartAsync(Folder.Options with { QueuedEvents = 10, EventsPerTransaction = 10 });
        var epochs = new long[4];
        for (var i = 0; i < epochs.Length; i++)
            epochs[i] = (await journal.OpenAsync($"r{i}")).Epoch;

        var release = HoldLock();
        var appends = epochs.Select((epoch, i) => journal.AppendAsync(Make.Run($"r{i}", epoch, 0, 10))).ToArray();
        // One with the writer, one in the queue at most.
        var refused = appends.Count(append => append.IsCompleted);
        await release();

        var results = await Task.WhenAll(appends);
        refused.ShouldBeInRange(2, 3);
        results.Count(result => result.Status == AppendStatus.Unknown).ShouldBe(refused);
        results.Count(result => result.Status == AppendStatus.Committed).ShouldBe(4 - refused);
        results.Where(result => result.Status == AppendStatus.Unknown).ShouldAllBe(result => result.Error!.Contains("full"));
    }

    [Fact]
    public async Task An_entry_larger_than_the_queue_still_goes_through()
    {
        var journal = await Folder.StartAsync(Folder.Options with { QueuedEvents = 10, EventsPerTransaction = 10 });
        var opened = await journal.OpenAsync("r");
        await journal.CommitAsync(Make.Run("r", opened.Epoch, 0, 100));
    }

    [Fact]
    public async Task Dispose_finishes_what_is_queued_and_refuses_what_comes_later()
    {
        var journal = await Folder.StartAsync();
        var opened = await journal.OpenAsync("r");
        var release = HoldLock();
        var append = journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"));
        var disposing = journal.DisposeAsync().AsTask();
        await release();
        await disposing;

        (await append).Status.ShouldBe(AppendStatus.Committed);
        var late = await journal.AppendAsync(Make.Entry("r", opened.Epoch, 1, "b"));
        (late.Status, late.Error).ShouldBe((AppendStatus.Unknown, "the journal is closed"));
        await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.OpenAsync("r"));
        await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.AllAsync("r"));
        await journal.DisposeAsync();
        (await (await Folder.StartAsync()).AllAsync("r")).Mids().ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_cancelled_append_stops_waiting_and_does_no_harm()
    {
        var journal = await Folder.StartAsync();
        var opened = await journal.OpenAsync("r");
        var release = HoldLock();
        using var cancel = new CancellationTokenSource();
        var append = journal.AppendAsync([Make.Entry("r", opened.Epoch, 0, "a")], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => append);
        await release();

        var again = await journal.OpenAsync("r");
        var resent = await journal.AppendAsync(Make.Entry("r", again.Epoch, again.Head, "a"));
        resent.Status.ShouldBeOneOf(AppendStatus.Committed, AppendStatus.Duplicate);
        (await journal.AllAsync("r")).Mids().ShouldBe(["a"]);
    }

    [Fact]
    public async Task Commits_and_fencings_are_measured()
    {
        var seen = new Dictionary<string, double>();
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == JournalMetrics.MeterName
                    && instrument.Meter.Scope == services.GetRequiredService<IMeterFactory>())
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Add(string name, double value)
        {
            lock (seen)
                seen[name] = seen.GetValueOrDefault(name) + value;
        }

        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument.Name, value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument.Name, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument.Name, value));
        listener.Start();

        await using (var journal = new SqliteJournal(
            Folder.Options, TimeProvider.System, meters: services.GetRequiredService<IMeterFactory>()))
        {
            await journal.StartAsync(default);
            var opened = await journal.OpenAsync("r");
            await journal.CommitAsync(Make.Run("r", opened.Epoch, 0, 7));
            await journal.AppendAsync(Make.Entry("r", opened.Epoch + 1, 7, "x"));
        }

        seen["clusterchat.journal.fenced"].ShouldBe(1);
        seen["clusterchat.journal.commit.events"].ShouldBe(1 + 7 + 1);
        seen["clusterchat.journal.commit.duration"].ShouldBeGreaterThan(0);
    }

    /// <summary>Takes the database's write lock, as another process would; the result gives it back.</summary>
    private Func<Task> HoldLock()
    {
        var connection = TempFolder.Connect(Folder.JournalFile);
        var transaction = connection.BeginTransaction(deferred: false);
        return async () =>
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        };
    }
}
