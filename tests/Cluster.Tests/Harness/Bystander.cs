using System.Diagnostics;
using System.Globalization;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>
/// An innocent client that chats all the time while others misbehave: each of its messages has to be acked and to
/// come back to it, soon, in order, without an error.
/// </summary>
internal sealed class Bystander : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    private readonly ChatClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Signal _progress = new();
    private readonly Task _chatting;
    private int _acked;
    private long _slowest;

    private Bystander(ChatClient client, string room)
    {
        _client = client;
        Room = room;
        _chatting = ChatAsync();
    }

    public string Room { get; }

    public ChatClient Client => _client;

    public int Acked => Volatile.Read(ref _acked);

    /// <summary>The longest time that one of its messages took to be acked and delivered.</summary>
    public TimeSpan Slowest => TimeSpan.FromTicks(Volatile.Read(ref _slowest));

    public static async Task<Bystander> StartAsync(int port, string room, string name = "bystander")
    {
        var client = await ChatClient.ConnectAsync(port, name);
        await client.JoinAsync(room);
        return new Bystander(client, room);
    }

    /// <summary>Its messages go on flowing.</summary>
    public async Task ShouldFlowAsync()
    {
        var target = Acked + 2;
        await _progress.WaitAsync(() => Acked >= target || _chatting.IsCompleted).Within("acks for the bystander");
        if (_chatting.IsCompleted)
            await _chatting;
        _client.Closed.IsCompleted.ShouldBeFalse("the bystander was disconnected");
        _client.Trace(Room).Violations.ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _chatting.Within("the end of the bystander");
        }
        catch (OperationCanceledException)
        {
        }

        await _client.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ChatAsync()
    {
        using var pace = new PeriodicTimer(Pause, TimeProvider.System);
        try
        {
            while (await pace.WaitForNextTickAsync(_stop.Token))
            {
                var start = Stopwatch.GetTimestamp();
                var n = _acked + 1;
                var ack = await _client.SendAckedAsync(Room, string.Create(CultureInfo.InvariantCulture, $"by-{n}"), "still here");
                await _client.WaitForSeqAsync(Room, ack.GetProperty("seq").GetInt64());
                _slowest = Math.Max(_slowest, Stopwatch.GetElapsedTime(start).Ticks);
                Volatile.Write(ref _acked, n);
                _progress.Pulse();
            }
        }
        finally
        {
            _progress.Pulse();
        }
    }
}
