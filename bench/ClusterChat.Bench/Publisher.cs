using System.Diagnostics;

namespace ClusterChat.Bench;

/// <summary>One room's publisher.</summary>
internal sealed class Publisher(Client client, Load load, int room)
{
    private readonly string _room = load.RoomName(room);
    private readonly string _padding = new('x', Math.Max(0, load.TextBytes - 20));
    private readonly SemaphoreSlim _window = new(load.Window, int.MaxValue);
    private long _acked;
    private long _sent;

    public long AckedCount => Interlocked.Read(ref _acked);

    public void Acked(int count)
    {
        Interlocked.Add(ref _acked, count);
        if (load.Rate == 0)
        {
            _window.Release(count);
        }
    }

    /// <summary>Sends a message.</summary>
    /// <param name="time">When it was due.</param>
    public void Publish(long time) => client.Post(client.Dialect.Message(_room, ++_sent, time, _padding));

    /// <summary>The closed loop: the next message goes when there is room in the window of unacked ones.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await _window.WaitAsync(cancellationToken);
                Publish(Stopwatch.GetTimestamp());
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }
}
