namespace ClusterChat.Actors;

/// <summary>
/// One word that says how many messages of a kind wait for an actor, and whether it takes more: Akka's mailboxes have no limit, and
/// tell nobody that their actor has gone. A sender enters before it tells, the actor leaves when it
/// takes the message; "empty and now closed" is one compare-and-swap.
/// </summary>
public struct MailboxGate
{
    private const int ClosedFlag = 1 << 30;

    private int _state;

    /// <summary>Whether it takes nothing ever again.</summary>
    public readonly bool IsClosed => (Volatile.Read(in _state) & ClosedFlag) != 0;

    /// <summary>Any thread.</summary>
    /// <returns>False: closed, or so many wait already. Nothing is to be told then.</returns>
    public bool TryEnter(int capacity)
    {
        var seen = Volatile.Read(ref _state);
        while (seen < Math.Min(capacity, ClosedFlag))
        {
            var now = Interlocked.CompareExchange(ref _state, seen + 1, seen);
            if (now == seen)
            {
                return true;
            }

            seen = now;
        }

        return false;
    }

    /// <summary>The actor took a message.</summary>
    public void Leave() => Interlocked.Decrement(ref _state);

    /// <summary>Nobody enters any more.</summary>
    public void Close() => Interlocked.Or(ref _state, ClosedFlag);

    /// <returns>True if it is closed now: nothing waits, and nothing will.</returns>
    public bool TryCloseIfEmpty() => Interlocked.CompareExchange(ref _state, ClosedFlag, 0) == 0 || IsClosed;
}
