using System.Globalization;
using System.Threading.Channels;
using ClusterChat.RoomActors.Journal;
using ClusterChat.RoomActors.Rooms;
using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests.Journal;

/// <summary>A node's reads of the journal, each held in the store until the test lets it go.</summary>
public sealed class FairReadsTests : IDisposable
{
    private static readonly ReadRange All = new(0, long.MaxValue, 100, Newest: false);
    private readonly HeldReads _store = new();
    private readonly MeterReader _meters = new();
    private readonly RoomOptions _options = new() { ReadsAtOnce = 2, MaxWaitingReads = 10 };
    private readonly FairReads _reads;

    public FairReadsTests()
    {
        var metrics = new RoomMetrics(_meters.Meters, new ActiveRooms(), new HeldNames(_options, TimeProvider.System));
        _reads = new FairReads(_store, _options, metrics);
        metrics.Watch(_reads);
    }

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task Rooms_and_lists_take_turns()
    {
        // Of two at once, each on a thread of its own, nobody could tell which comes first.
        _options.ReadsAtOnce = 1;
        List<Task> reads = [.. Enumerable.Range(0, 6).Select(_ => Read("busy"))];
        reads.Add(Read("calm"));
        reads.Add(_reads.ListRoomsAsync("", "", 10, default).AsTask());
        reads.Add(Read("quiet"));
        _store.UnderWay.ShouldBe(1);
        _reads.Waiting.ShouldBe(8);

        var begun = new List<string>();
        for (var i = 0; i < reads.Count; i++)
        {
            var next = await _store.NextAsync();
            begun.Add(next.Room);
            next.Answer();
        }

        await Task.WhenAll(reads);
        begun.ShouldBe(["busy", "busy", "calm", "a list", "quiet", "busy", "busy", "busy", "busy"]);
        _reads.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task An_overload_refuses_reads_of_the_room_with_most_of_them_and_no_others()
    {
        var busy = Enumerable.Range(0, 13).Select(_ => Read("busy")).ToList();
        var calm = Enumerable.Range(0, 4).Select(i => Read(string.Create(CultureInfo.InvariantCulture, $"calm{i}"))).ToList();

        busy.Select(r => r.IsFaulted).ShouldBe([.. Enumerable.Repeat(false, 8), .. Enumerable.Repeat(true, 5)], "the newest ones");
        busy[^1].Exception!.InnerException.ShouldBeOfType<ReadsFullException>();
        _meters.Value("clusterchat_reads_refused_total").ShouldBe(5);
        _meters.Value("clusterchat_reads_waiting").ShouldBe(10);

        for (var i = 0; i < 12; i++)
        {
            var next = await _store.NextAsync();
            _store.UnderWay.ShouldBeLessThanOrEqualTo(2);
            next.Answer();
        }

        await Task.WhenAll(calm);
        await Task.WhenAll(busy[..8]);
    }

    [Fact]
    public async Task Who_gave_up_while_it_waited_takes_nobodys_place()
    {
        using var patience = new CancellationTokenSource();
        var reads = new List<Task> { Read("a"), Read("a") };
        var impatient = _reads.ReadAsync("a", All, patience.Token).AsTask();
        reads.Add(Read("a"));
        await patience.CancelAsync();

        for (var i = 0; i < reads.Count; i++)
            (await _store.NextAsync()).Answer();
        await Task.WhenAll(reads);
        await Should.ThrowAsync<OperationCanceledException>(() => impatient);
    }

    [Fact]
    public async Task A_read_that_fails_gives_its_place_back()
    {
        for (var i = 0; i < 5; i++)
        {
            var read = Read("a");
            (await _store.NextAsync()).Fail();
            await Should.ThrowAsync<JournalUnavailableException>(() => read);
        }

        var last = Read("a");
        (await _store.NextAsync()).Answer();
        await last;
        _meters.Value("clusterchat_reads_bytes_total").ShouldBe(10);
    }

    private Task<IReadOnlyList<StoredEvent>> Read(string room) => _reads.ReadAsync(room, All, default).AsTask();

    /// <summary>A store of which each read waits for the test.</summary>
    private sealed class HeldReads : IJournal
    {
        private readonly Channel<HeldRead> _begun = Channel.CreateUnbounded<HeldRead>();
        private int _underWay;

        public int UnderWay => Volatile.Read(ref _underWay);

        public ValueTask<HeldRead> NextAsync() => _begun.Reader.ReadAsync();

        public async ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken)
        {
            await HoldAsync(room);
            return [Make.Event(1, bytes: 10)];
        }

        public async ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
        {
            await HoldAsync("a list");
            return [];
        }

        public ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<AppendResult>> AppendAsync(IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken) => throw new NotSupportedException();

        private async Task HoldAsync(string room)
        {
            Interlocked.Increment(ref _underWay);
            var held = new HeldRead(room);
            _begun.Writer.TryWrite(held);
            try
            {
                await held.Go;
            }
            finally
            {
                Interlocked.Decrement(ref _underWay);
            }
        }
    }

    private sealed class HeldRead(string room)
    {
        private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Room => room;

        public Task Go => _go.Task;

        public void Answer() => _go.SetResult();

        public void Fail() => _go.SetException(new JournalUnavailableException("away"));
    }
}
