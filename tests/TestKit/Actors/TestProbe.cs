using System.Threading.Channels;
using ClusterChat.Actors;

namespace ClusterChat.TestKit;

/// <summary>
/// Stands for an actor and keeps what it is told. Thread-safe. With real dispatchers wait with
/// <see cref="ExpectAsync{TExpected}"/>; in a simulation run the world and then look with <see cref="Expect{TExpected}"/>.
/// </summary>
public sealed class TestProbe<T>(string name = "probe") : IActorRef<T> where T : class
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    private readonly Channel<T> _unseen = Channel.CreateUnbounded<T>();
    private readonly Lock _lock = new();
    private readonly List<T> _messages = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => name;

    public bool IsStopping => _stopped.Task.IsCompleted;

    public Task Stopped => _stopped.Task;

    /// <summary>If it is true the probe is like an actor whose mailbox is full.</summary>
    public bool Refuses { get; set; }

    /// <summary>All that came so far, seen or not, in order.</summary>
    public IReadOnlyList<T> Messages
    {
        get
        {
            lock (_lock)
                return [.. _messages];
        }
    }

    public bool Tell(T message)
    {
        if (Refuses)
            return false;
        lock (_lock)
        {
            // Written under the lock, so that both keep the same order; the channel runs no continuation inline.
            if (!_unseen.Writer.TryWrite(message))
                return false;
            _messages.Add(message);
        }
        return true;
    }

    public bool TellPastCapacity(T message) => Tell(message);

    public void Stop()
    {
        _unseen.Writer.TryComplete();
        _stopped.TrySetResult();
    }

    /// <summary>Waits for the next unseen message.</summary>
    /// <param name="timeout">Real time, only a guard against a hang; 10 s if null.</param>
    /// <exception cref="TestProbeException">It is of another type, or none came.</exception>
    public async Task<TExpected> ExpectAsync<TExpected>(TimeSpan? timeout = null) where TExpected : T
    {
        // A token and not WaitAsync: a read that gave up must not swallow a later message, and the channel's own awaiter
        // comes back through the simulation's synchronization context.
        using var guard = new CancellationTokenSource(timeout ?? DefaultTimeout, TimeProvider.System);
        try
        {
            return Check<TExpected>(await _unseen.Reader.ReadAsync(guard.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            throw Failure($"no message came, {typeof(TExpected).Name} was expected");
        }
    }

    /// <summary>Takes the next unseen message, which must be there.</summary>
    /// <exception cref="TestProbeException">It is of another type, or there is none.</exception>
    public TExpected Expect<TExpected>() where TExpected : T =>
        _unseen.Reader.TryRead(out var next) ? Check<TExpected>(next) : throw Failure($"there is no message, {typeof(TExpected).Name} was expected");

    /// <summary>Asserts that no unseen message is there now. It does not wait, so it says something in a simulation only.</summary>
    /// <exception cref="TestProbeException">There is one.</exception>
    public void ExpectNone()
    {
        if (_unseen.Reader.TryPeek(out var next))
            throw Failure($"no message was expected, but {next} is there");
    }

    /// <summary>Marks all that came so far as seen.</summary>
    public void Skip()
    {
        while (_unseen.Reader.TryRead(out _))
        {
        }
    }

    private TExpected Check<TExpected>(T message) where TExpected : T =>
        message is TExpected expected ? expected : throw Failure($"{typeof(TExpected).Name} was expected, but next is {message}");

    private TestProbeException Failure(string what)
    {
        var all = Messages;
        var list = all.Count == 0 ? "nothing" : string.Join(Environment.NewLine + "  ", all.TakeLast(50));
        return new TestProbeException($"{Name}: {what}. What came, {all.Count} in all, the newest 50:{Environment.NewLine}  {list}");
    }
}
