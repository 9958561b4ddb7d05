using System.Globalization;
using System.Text;
using System.Threading.Channels;
using ClusterChat.Gateway.Connections;

namespace ClusterChat.Gateway.Tests.WebSockets;

/// <summary>Writes down what a read loop tells.</summary>
internal sealed class RecordingInbound : IClientInbound
{
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>();
    private int _touches;

    public int Touches => Volatile.Read(ref _touches);

    /// <summary>How many messages came at once, each time.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<int> AtOnce { get; } = [];

    public Func<ReadOnlyMemory<byte>, ValueTask> OnReceive { get; init; } = _ => ValueTask.CompletedTask;

    /// <summary>The next thing told; "ended" is the last.</summary>
    public Task<string> NextAsync() => _told.Reader.ReadAsync().InTime();

    /// <summary>All that is told, from here to the end of the loop.</summary>
    public async Task<List<string>> RestAsync(Task loop)
    {
        await loop.InTime();
        _told.Writer.Complete();
        var rest = new List<string>();
        await foreach (var item in _told.Reader.ReadAllAsync())
        {
            rest.Add(item);
        }

        return rest;
    }

    public async ValueTask ReceiveAsync(IReadOnlyList<ReadOnlyMemory<byte>> messages)
    {
        AtOnce.Enqueue(messages.Count);
        foreach (var message in messages)
        {
            _told.Writer.TryWrite("text " + Encoding.UTF8.GetString(message.Span));
            await OnReceive(message);
        }
    }

    /// <summary>How many frames said nothing.</summary>
    public int Idle { get; private set; }

    /// <summary>So many are too many.</summary>
    public int MostIdle { get; init; } = int.MaxValue;

    public bool Idled(int frames)
    {
        Idle += frames;
        return Idle <= MostIdle || !_told.Writer.TryWrite("idle");
    }

    public void Touch() => Interlocked.Increment(ref _touches);

    public void Answered(int ping) => _told.Writer.TryWrite(string.Create(CultureInfo.InvariantCulture, $"answered {ping}"));

    public void Violated(string reason) => _told.Writer.TryWrite("violated " + reason);

    public void GaveUp(string reason) => _told.Writer.TryWrite("gave up " + reason);

    public void TookLeave() => _told.Writer.TryWrite("took leave");

    public void Ended() => _told.Writer.TryWrite("ended");
}
