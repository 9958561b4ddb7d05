using System.Globalization;

namespace ClusterChat.Cluster.Tests.Harness.Broadcasts;

/// <summary>
/// Rooms with much to say: an author in each, who sends at a fixed rate whether or not it is answered, all at one gateway; and a listener that is in all
/// of the rooms, elsewhere.
/// </summary>
internal sealed class Broadcast : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private readonly List<BroadcastClient> _authors;
    private readonly string _text;
    private readonly double _perSecond;
    private readonly CancellationTokenSource _stop = new();
    private List<Task> _talking = [];
    private readonly int[] _sent;

    /// <param name="rooms">How many rooms.</param>
    /// <param name="textBytes">How long each text is.</param>
    /// <param name="bytesPerSecond">The bytes of texts of all rooms together.</param>
    /// <param name="authorsGateway">The port of the authors' gateway.</param>
    /// <param name="listenersGateway">The port at which the listener is to connect now.</param>
    public Broadcast(int rooms, int textBytes, double bytesPerSecond, int authorsGateway, Func<int> listenersGateway)
    {
        Rooms = [.. Enumerable.Range(0, rooms).Select(i => string.Create(CultureInfo.InvariantCulture, $"loud-{i}"))];
        _text = new string('x', textBytes);
        _perSecond = bytesPerSecond / textBytes / rooms;
        _sent = new int[rooms];
        _authors = [.. Rooms.Select(r => new BroadcastClient("author of " + r, [r], () => authorsGateway))];
        Listener = new BroadcastClient("listener", Rooms, listenersGateway);
    }

    public IReadOnlyList<string> Rooms { get; }

    public BroadcastClient Listener { get; }

    /// <summary>Each is the only one of its room, and sees all that it said.</summary>
    public IReadOnlyList<BroadcastClient> Authors => _authors;

    /// <summary>All are in their rooms before the first word.</summary>
    public async Task StartAsync()
    {
        foreach (var client in (IEnumerable<BroadcastClient>)[.. _authors, Listener])
            await client.Changed.WaitAsync(() => client.IsLive).Within(client.Name + " is in its rooms");
        _talking = [.. _authors.Select((_, i) => TalkAsync(i))];
    }

    /// <summary>What came to the authors' gateway since the last call: the bytes of events, and how long each took, sorted.</summary>
    public (long Bytes, IReadOnlyList<TimeSpan> Delays) Take()
    {
        var all = _authors.ConvertAll(a => a.Take());
        return (all.Sum(a => a.Bytes), [.. all.SelectMany(a => a.Delays).Order()]);
    }

    /// <summary>Nobody says anything more; waits until all writes are answered and the listener has seen all events.</summary>
    public async Task SettleAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_talking);
        for (var i = 0; i < _authors.Count; i++)
        {
            var (author, room, sent) = (_authors[i], Rooms[i], _sent[i]);
            await author.Changed.WaitAsync(() => author.AckedCount + author.Refused >= sent && author.Seq(room) >= author.AckedCount).Within($"answers for {author.Name}");
            await Listener.Changed.WaitAsync(() => Listener.Seq(room) >= author.Seq(room)).Within($"{room}/{author.Seq(room)} for the listener, which is at {Listener.Seq(room)}");
        }
    }

    /// <summary>What was lost, doubled or put out of order. Call it after <see cref="SettleAsync"/>.</summary>
    public IEnumerable<string> Violations()
    {
        List<string> found = [.. Listener.Violations, .. _authors.SelectMany(a => a.Violations)];
        for (var i = 0; i < _authors.Count; i++)
        {
            var (room, author) = (Rooms[i], _authors[i]);
            var numbers = Listener.Room(room).Numbers;
            if (!numbers.SequenceEqual(author.Room(room).Numbers))
                found.Add($"{room}: the listener saw something else than the author");
            if (!numbers.Zip(numbers.Skip(1)).All(pair => pair.First < pair.Second))
                found.Add($"{room}: messages are not in the order in which they were sent, each once");
            found.AddRange(author.Acked.Where(a => a.Key.Seq > numbers.Count || numbers[(int)a.Key.Seq - 1] != a.Value).Select(a => $"{room}: {a.Value} was acked as {a.Key.Seq}"));
            if (author.Acked.Count != numbers.Count)
                found.Add($"{room}: {author.Acked.Count} acks, {numbers.Count} events");
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_talking).ContinueWith(static _ => { }, TaskScheduler.Default);
        foreach (var author in _authors)
            await author.DisposeAsync();
        await Listener.DisposeAsync();
        _stop.Dispose();
    }

    private async Task TalkAsync(int author)
    {
        using var timer = new PeriodicTimer(Step, TimeProvider.System);
        var start = BroadcastClient.Now;
        while (!_stop.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync();
            for (var now = BroadcastClient.Now - start; _sent[author] < now.TotalSeconds * _perSecond;)
            {
                var due = start + TimeSpan.FromSeconds(_sent[author] / _perSecond);
                await _authors[author].SendAsync(Rooms[author], new BroadcastMid(++_sent[author], due), _text);
            }
        }
    }
}
