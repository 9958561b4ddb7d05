using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Tests.Contract;
using ClusterChat.TestKit;

namespace ClusterChat.Storage.Tests.Postgres;

/// <summary>Several hosts in the connection string, and what the driver tells of each of them.</summary>
[Trait("Needs", "PostgreSQL")]
public sealed class PostgresHostsTests : IAsyncLifetime
{
    private PostgresServer? _server;
    private PostgresStore? _store;

    private PostgresServer Server => _server!;

    private PostgresStore Store => _store!;

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.CreateAsync();
        _store = await PostgresStore.CreateAsync(_server);
        _store.Options = _store.Options.WithSecondHost(PostgresHosts.Refusing) with { RetryAfter = TimeSpan.Zero };
    }

    public async Task DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_start_waits_for_the_first_of_several_hosts_that_is_there()
    {
        await Server.StopAsync();
        await using var table = await StartAfterAsync(Store.Options, () => Server.StartAsync());
        (await table.ReadAsync(default)).View.ShouldBe(0);
    }

    [Fact]
    public async Task A_start_waits_while_none_of_several_hosts_takes_writes()
    {
        await (await Store.StartAsync()).DisposeAsync();
        await Server.StopAsync();
        await Server.BecomeStandbyAsync();
        await Server.StartAsync();

        // Both names are those of the standby.
        var options = Store.Options with { ConnectionString = Store.Options.ConnectionString.Replace("127.0.0.1:1,", $"127.0.0.1:{Server.Port},", StringComparison.Ordinal) };
        await using var table = await StartAfterAsync(
            options, () => PostgresServer.ExecuteAsync(Server.ConnectionString, "SELECT pg_promote(true, 60)"));
        (await table.ReadAsync(default)).View.ShouldBe(0);
    }

    [Fact]
    public async Task A_start_that_gives_up_tells_the_reason_of_each_host_and_not_the_password()
    {
        await Server.StopAsync();
        var e = await Should.ThrowAsync<StorageStartException>(
            () => Store.StartAsync(Store.Options with { StartTimeout = TimeSpan.FromMilliseconds(100) }));
        e.Message.ShouldContain("127.0.0.1:1:");
        e.Message.ShouldContain($"127.0.0.1:{Server.Port}:");
        e.ToString().ShouldNotContain("not-asked-for");
    }

    [Fact]
    public async Task A_journal_uses_the_host_that_is_back_at_once()
    {
        var journal = await Store.StartAsync();
        var opened = await journal.OpenAsync("r");
        await Server.StopAsync("KILL");
        for (var i = 0; i < 3; i++)
            await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.OpenAsync("r"));

        await Server.StartAsync();
        (await journal.OpenAsync("r")).Epoch.ShouldBe(opened.Epoch + 1);
    }

    /// <summary>Starts, and lets something happen when it has found that it must wait, twice: the driver tells its second attempt less.</summary>
    private static async Task<PostgresNodeTable> StartAfterAsync(PostgresStorageOptions options, Func<Task> happens)
    {
        var clock = new WaitsClock();
        var table = new PostgresNodeTable(options with { RetryAfter = TimeSpan.FromMilliseconds(20) }, clock);
        var starting = table.StartAsync(default);
        await await Task.WhenAny(clock.Waited(2), starting);
        starting.IsCompleted.ShouldBeFalse();
        await happens();
        await starting;
        return table;
    }

    /// <summary>The system's clock, which counts what was waited for.</summary>
    private sealed class WaitsClock : TimeProvider
    {
        private readonly List<TaskCompletionSource> _waits = [.. Enumerable.Range(0, 8).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        private int _count;

        public Task Waited(int times) => _waits[times - 1].Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var count = Interlocked.Increment(ref _count);
            if (count <= _waits.Count)
                _waits[count - 1].TrySetResult();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
