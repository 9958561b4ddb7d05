using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>What the port promises of rooms that have no event yet, for every adapter to inherit.</summary>
public abstract class UnbornRoomContract : IAsyncLifetime
{
    private IJournal? _journal;

    private IJournal Journal => _journal ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync() => _journal = await CreateAsync();

    public abstract Task DisposeAsync();

    /// <summary>As a process of its own would have it.</summary>
    protected abstract Task<IJournal> CreateAsync();

    /// <summary>How many rooms are stored.</summary>
    protected abstract Task<long> CountRoomsAsync();

    /// <summary>Whether two rooms share a slot as long as they have no event.</summary>
    protected abstract bool AreNeighbours(string one, string other);

    [Fact]
    public async Task Who_looks_at_rooms_makes_none()
    {
        for (var i = 0; i < 50; i++)
        {
            await Journal.OpenAsync($"r{i}", view: 1);
            (await Journal.AllAsync($"r{i}")).ShouldBeEmpty();
            (await Journal.AppendAsync(Make.Entry($"r{i}", 1_000_000, 0, "a"))).Status.ShouldBe(AppendStatus.Fenced);
        }

        (await CountRoomsAsync()).ShouldBe(0);
        (await Journal.NamesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_first_event_stores_the_room_once()
    {
        var opened = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a", "b"));
        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 2, "c"));

        (await CountRoomsAsync()).ShouldBe(1);
        (await Journal.ListRoomsAsync("", "", 10, default)).ShouldBe([new StoredRoom("r", 3)]);
        (await Journal.AllAsync("r")).Mids().ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task What_is_refused_stores_nothing()
    {
        var opened = await Journal.OpenAsync("r");
        (await Journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a", "a"))).Status.ShouldBe(AppendStatus.Rejected);
        (await Journal.AppendAsync(Make.Entry("r", opened.Epoch, 1, "a"))).Status.ShouldBe(AppendStatus.Fenced);

        (await CountRoomsAsync()).ShouldBe(0);
        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));
    }

    [Fact]
    public async Task All_openings_find_one_log_and_it_stays_with_the_first_event()
    {
        var other = await CreateAsync();
        var first = await Journal.OpenAsync("r");
        var second = await other.OpenAsync("r");
        second.Log.ShouldBe(first.Log);

        await other.CommitAsync(Make.Entry("r", second.Epoch, 0, "a"));

        (await Journal.OpenAsync("r")).Log.ShouldBe(first.Log);
    }

    [Fact]
    public async Task Of_two_owners_the_one_that_opened_last_stores_the_room_whoever_is_first_to_append()
    {
        var other = await CreateAsync();
        var mine = await Journal.OpenAsync("r");
        var theirs = await other.OpenAsync("r");

        (await Journal.AppendAsync(Make.Entry("r", mine.Epoch, 0, "mine"))).Status.ShouldBe(AppendStatus.Fenced);
        await other.CommitAsync(Make.Entry("r", theirs.Epoch, 0, "theirs"));
        (await Journal.AppendAsync(Make.Entry("r", mine.Epoch, 0, "mine"))).Status.ShouldBe(AppendStatus.Fenced);

        var again = await Journal.OpenAsync("r");
        again.Epoch.ShouldBeGreaterThan(theirs.Epoch);
        again.Tail.Mids().ShouldBe(["theirs"]);
    }

    [Fact]
    public async Task The_view_of_an_opening_counts_before_the_first_event_and_after()
    {
        var owner = await Journal.OpenAsync("r", view: 7);
        (await Journal.OpenAsync("r", view: 6, tail: 10, default)).ShouldBeNull();
        await Journal.CommitAsync(Make.Entry("r", owner.Epoch, 0, "a"));
        (await Journal.OpenAsync("r", view: 6, tail: 10, default)).ShouldBeNull();
        (await Journal.OpenAsync("r", view: 7)).Epoch.ShouldBe(owner.Epoch + 1);
    }

    [Fact]
    public async Task An_owner_that_is_fenced_for_a_neighbours_sake_goes_on_under_the_same_log()
    {
        var neighbour = Enumerable.Range(0, int.MaxValue).Select(i => $"n{i}").First(name => AreNeighbours("r", name));
        var opened = await Journal.OpenAsync("r");
        var next = await Journal.OpenAsync(neighbour);
        next.Log.ShouldNotBe(opened.Log);

        (await Journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"))).Status.ShouldBe(AppendStatus.Fenced);
        var again = await Journal.OpenAsync("r");
        again.Log.ShouldBe(opened.Log);
        again.Epoch.ShouldBeGreaterThan(opened.Epoch);
        await Journal.CommitAsync(Make.Entry("r", again.Epoch, 0, "a"));

        // Once it is stored, nobody disturbs it.
        await Journal.OpenAsync(neighbour);
        await Journal.CommitAsync(Make.Entry("r", again.Epoch, 1, "b"));
        (await Journal.AllAsync("r")).Mids().ShouldBe(["a", "b"]);
        (await CountRoomsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Rooms_that_one_batch_stores_keep_their_own_logs()
    {
        var names = Enumerable.Range(0, 12).Select(i => $"r{i}").ToArray();
        var logs = new Dictionary<string, string>(StringComparer.Ordinal);
        var waiting = new HashSet<string>(names, StringComparer.Ordinal);
        while (waiting.Count > 0)
        {
            var batch = new List<AppendEntry>();
            foreach (var name in waiting.Order(StringComparer.Ordinal))
            {
                var opened = await Journal.OpenAsync(name);
                logs.TryAdd(name, opened.Log);
                batch.Add(Make.Entry(name, opened.Epoch, 0, "a"));
            }

            var results = await Journal.AppendAsync(batch, default);
            waiting.ExceptWith(batch.Where((_, i) => results[i].Status == AppendStatus.Committed).Select(entry => entry.Room));
            results.Count(result => result.Status == AppendStatus.Committed).ShouldBeGreaterThan(0);
        }

        foreach (var name in names)
            (await Journal.OpenAsync(name)).Log.ShouldBe(logs[name]);
        logs.Values.ShouldBeUnique();
        (await CountRoomsAsync()).ShouldBe(names.Length);
    }

    [Fact]
    public async Task Owners_that_open_and_append_at_once_make_one_room_with_one_log_without_holes()
    {
        const int Rooms = 4;
        const int Each = 4;
        var journals = new[] { Journal, await CreateAsync() };
        for (var room = 0; room < Rooms; room++)
        {
            var name = $"race{room}";
            var owners = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => OwnAsync(journals[i % 2], name, $"owner{i}"))));

            var stored = (await Journal.AllAsync(name)).ToArray();
            stored.Seqs().ShouldBe(Enumerable.Range(1, 4 * Each).Select(n => (long)n));
            foreach (var (seq, mid) in owners.SelectMany(owner => owner.Acked))
                stored[seq - 1].Mid.ShouldBe(mid);
            owners.SelectMany(owner => owner.Logs).Distinct().ShouldHaveSingleItem().ShouldBe((await Journal.OpenAsync(name)).Log);
        }

        (await CountRoomsAsync()).ShouldBe(Rooms);

        static async Task<(HashSet<string> Logs, List<(long Seq, string Mid)> Acked)> OwnAsync(IJournal journal, string name, string owner)
        {
            var (logs, acked) = (new HashSet<string>(StringComparer.Ordinal), new List<(long, string)>());
            while (acked.Count < Each)
            {
                var opened = await journal.OpenAsync(name);
                logs.Add(opened.Log);
                var mid = $"{owner}-{acked.Count}";
                if ((await journal.AppendAsync(Make.Entry(name, opened.Epoch, opened.Head, mid))).Status == AppendStatus.Committed)
                    acked.Add((opened.Head + 1, mid));
            }

            return (logs, acked);
        }
    }
}
