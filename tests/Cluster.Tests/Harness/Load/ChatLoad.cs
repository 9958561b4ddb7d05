using System.Globalization;
using System.Net;
using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests.Harness.Load;

/// <summary>
/// Many clients that talk at a fixed rate, whether or not they are answered; and in the end the check of all that they saw
/// against the journal, with the checker of the simulation.
/// </summary>
internal sealed class ChatLoad : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);
    private readonly LoadPlan _plan;
    private readonly Func<IReadOnlyList<IPEndPoint>> _gateways;
    private readonly Random _random;
    private readonly List<LoadClient> _clients;
    private readonly CancellationTokenSource _quiet = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _talking = Task.CompletedTask;
    private Task _ticking = Task.CompletedTask;
    private int _skipped;

    /// <param name="plan">How much.</param>
    /// <param name="gateways">Where clients may go.</param>
    public ChatLoad(LoadPlan plan, Func<IReadOnlyList<IPEndPoint>> gateways)
    {
        _plan = plan;
        _gateways = gateways;
        _random = new Random(plan.Seed);
        Rooms = [.. Enumerable.Range(0, plan.Rooms).Select(i => string.Create(CultureInfo.InvariantCulture, $"{plan.Prefix}-{i}"))];

        // The distance between a client's rooms differs from client to client, so rooms mix.
        _clients = [.. Enumerable.Range(0, plan.Clients).Select(i => new LoadClient(
            string.Create(CultureInfo.InvariantCulture, $"{plan.Prefix}c{i}"),
            new[] { Rooms[i % plan.Rooms], Rooms[(i + 1 + (i / plan.Rooms)) % plan.Rooms] }.Distinct(StringComparer.Ordinal),
            Recorder,
            gateways,
            plan.Seed + i))];
    }

    public Recorder Recorder { get; } = new();

    public IReadOnlyList<string> Rooms { get; }

    public IReadOnlyList<LoadClient> Clients => _clients;

    /// <summary>Messages that were not published, since their authors had too many unacked ones.</summary>
    public int Skipped => _skipped;

    /// <summary>All are in their rooms before the first one speaks.</summary>
    public async Task StartAsync()
    {
        foreach (var client in _clients)
            client.Start();
        _ticking = TickAsync();
        foreach (var client in _clients)
            await client.Changed.WaitAsync(() => client.IsLive).Within(client.Name + " is in its rooms");
        _talking = TalkAsync();
    }

    /// <summary>Waits until a write of each of the rooms that was published after a moment is acked.</summary>
    public async Task FlowsAsync(TimeSpan since, IReadOnlyCollection<string> rooms)
    {
        var start = Recorder.Now;
        while (true)
        {
            var fresh = Recorder.PublishedAfter(since).Where(p => p.AckedAt is not null).Select(p => p.Room);
            var missing = rooms.Except(fresh, StringComparer.Ordinal).ToList();
            if (missing.Count == 0)
                return;
            if (Recorder.Now - start > TimeSpan.FromSeconds(90))
                throw new TimeoutException($"No write was acked after {(Recorder.Now - since).TotalSeconds:F0} s: {string.Join(' ', missing)}");
            await Task.Delay(Step * 4, TimeProvider.System);
        }
    }

    /// <summary>Waits until all that was published so far is acked.</summary>
    public async Task CatchUpAsync()
    {
        var now = Recorder.Now;
        while (Recorder.Unacked(now) is > 0 and var missing)
        {
            if (Recorder.Now - now > TimeSpan.FromSeconds(90))
                throw new TimeoutException($"{missing} messages are not acked after 90 s");
            await Task.Delay(Step * 4, TimeProvider.System);
        }
    }

    /// <summary>Spreads clients over gateways again, some of whom have had none since they came back.</summary>
    public async Task BalanceAsync(IReadOnlyList<IPEndPoint> gateways)
    {
        var fair = (_clients.Count / Math.Max(1, gateways.Count)) + 1;
        var moving = _clients.GroupBy(c => c.Gateway).SelectMany(g => g.Skip(fair)).ToList();
        foreach (var client in moving)
            client.Move();
        await AllLiveAsync();
    }

    /// <summary>Waits until every client gets live events of all of its rooms, at a gateway that is open.</summary>
    public async Task AllLiveAsync()
    {
        foreach (var client in _clients)
            await client.Changed.WaitAsync(() => client.IsLive && client.Gateway is { } g && _gateways().Contains(g)).Within(client.Name + " is in its rooms again", TimeSpan.FromSeconds(90));
    }

    /// <summary>Nobody says anything new; waits until all is acked, and seen by everybody.</summary>
    public async Task SettleAsync(IJournalReader journal)
    {
        await _quiet.CancelAsync();
        await _talking;
        var limit = TimeSpan.FromSeconds(90);
        foreach (var client in _clients)
            await client.Changed.WaitAsync(() => client.IsLive && client.Unacked == 0).Within(client.Name + " has all acks", limit);
        foreach (var room in await journal.ReadAsync(Rooms))
        {
            foreach (var client in _clients.Where(c => c.Rooms.Contains(room.Name)))
                await client.Changed.WaitAsync(() => client.Seq(room.Name) >= room.Head).Within($"{client.Name} sees {room.Name}/{room.Head}", limit);
        }

        await PresenceAsync(limit);
    }

    /// <summary>What was broken, over all that was recorded; call it after <see cref="SettleAsync"/>.</summary>
    public async Task<IReadOnlyList<Violation>> CheckAsync(IJournalReader journal)
    {
        foreach (var client in _clients)
        {
            foreach (var room in client.Rooms)
                Recorder.Add(at => client.Rest(room, at));
        }

        return FactSlices.Check(Recorder.Snapshot().Facts, await journal.ReadAsync(Rooms));
    }

    public async ValueTask DisposeAsync()
    {
        await _quiet.CancelAsync();
        await _stop.CancelAsync();
        await Task.WhenAll(_talking, _ticking);
        await Task.WhenAll(_clients.Select(c => c.StopAsync()));
    }

    private async Task TalkAsync()
    {
        using var timer = new PeriodicTimer(Step, TimeProvider.System);
        var (start, due) = (Recorder.Now, 0L);
        while (!_quiet.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync();
            for (var now = Recorder.Now - start; due < now.TotalSeconds * _plan.PerSecond; due++)
            {
                var client = _clients[_random.Next(_clients.Count)];
                if (client.Publish(client.Rooms.ElementAt(_random.Next(client.Rooms.Count))) is null)
                    _skipped++;
            }
        }
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        while (!_stop.IsCancellationRequested)
        {
            foreach (var client in _clients)
                client.Tick();
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Asks who is in the rooms, until the answers are true or it takes too long; the checker judges.</summary>
    private async Task PresenceAsync(TimeSpan most)
    {
        var truth = Rooms.ToDictionary(
            r => r, r => _clients.Where(c => c.Rooms.Contains(r)).Select(c => c.Name).Order(StringComparer.Ordinal).ToList(), StringComparer.Ordinal);
        var start = Recorder.Now;
        while (_clients.Exists(c => c.Rooms.Any(r => !c.Rest(r, start).Members.SequenceEqual(truth[r]) || !c.Rest(r, start).ToldMembers.SequenceEqual(truth[r]))))
        {
            if (Recorder.Now - start > most)
                return;
            foreach (var client in _clients)
                client.AskMembers();
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System);
        }
    }
}
