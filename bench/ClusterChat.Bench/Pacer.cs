using System.Diagnostics;

namespace ClusterChat.Bench;

/// <summary>
/// The open loop: messages are sent at a rate, whatever comes back, by one publisher after the other. The time in a message is
/// the one at which it was due, so if this thread or the server holds messages up, that is their latency, and the
/// messages that had to wait behind count as well: nothing is left out (coordinated omission).
/// </summary>
internal sealed class Pacer
{
    private readonly IReadOnlyList<Publisher> _publishers;
    private readonly Thread _thread;
    private volatile int _rate;
    private volatile bool _stopped;

    public Pacer(IReadOnlyList<Publisher> publishers, int rate)
    {
        _publishers = publishers;
        _rate = rate;
        _thread = new Thread(Run) { IsBackground = true, Name = "pacer" };
        _thread.Start();
    }

    /// <summary>Messages a second.</summary>
    public int Rate
    {
        get => _rate;
        set => _rate = value;
    }

    public void Stop()
    {
        _stopped = true;
        _thread.Join();
    }

    private void Run()
    {
        var due = (double)Stopwatch.GetTimestamp();
        for (var i = 0; !_stopped; i++)
        {
            while (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), (long)due) is { Ticks: > 0 } left)
            {
                // Never before the time, and at the most the timer's own millisecond after it.
                Thread.Sleep(Math.Max(1, (int)left.TotalMilliseconds));
            }

            _publishers[i % _publishers.Count].Publish((long)due);
            due += (double)Stopwatch.Frequency / _rate;
        }
    }
}
