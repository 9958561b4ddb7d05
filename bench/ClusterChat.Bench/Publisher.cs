using System.Diagnostics;

namespace ClusterChat.Bench;

/// <summary>Publishes to one room: with a window of unacked messages, or at a rate whatever comes back.</summary>
internal sealed class Publisher
{
    private readonly Client _client;
    private readonly Load _load;
    private readonly string _room;
    private readonly string _padding;
    private readonly SemaphoreSlim _window;
    private readonly TimeSpan _offset;
    private long _acked;
    private long _sent;

    public Publisher(Client client, Load load, int room)
    {
        _client = client;
        _load = load;
        _room = load.RoomName(room);
        _padding = new string('x', Math.Max(0, load.TextBytes - 20));
        _window = new SemaphoreSlim(load.Window, int.MaxValue);
        _offset = load.Rate == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)room / load.Rate);
        client.Acked = count =>
        {
            Interlocked.Add(ref _acked, count);
            if (load.Rate == 0)
            {
                _window.Release(count);
            }
        };
    }

    public long AckedCount => Interlocked.Read(ref _acked);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_load.Rate == 0)
            {
                while (true)
                {
                    await _window.WaitAsync(cancellationToken);
                    await PublishAsync(Stopwatch.GetTimestamp());
                }
            }

            // The time in a message is the one at which it was due, so a late publisher counts as latency.
            var interval = TimeSpan.FromSeconds((double)_load.Rooms / _load.Rate);
            var start = Stopwatch.GetTimestamp() + (long)(_offset.TotalSeconds * Stopwatch.Frequency);
            for (var i = 0L; ; i++)
            {
                var due = start + (long)(i * interval.TotalSeconds * Stopwatch.Frequency);
                var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (left > TimeSpan.FromMilliseconds(1))
                {
                    await Task.Delay(left, TimeProvider.System, cancellationToken);
                }

                await PublishAsync(due);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }

    private ValueTask<int> PublishAsync(long time) => _client.SendAsync(_client.Dialect.Message(_room, ++_sent, time, _padding));
}
