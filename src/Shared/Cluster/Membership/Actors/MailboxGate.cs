namespace ClusterChat.Cluster.Membership.Actors;

internal enum Admission
{
    Taken,
    Full,
    Closed,
}

/// <summary>
/// One word that says who may put something into a mailbox: the number of user messages in the low half, that of piped
/// outcomes above it, and a closed flag at the top. A sender enters before it enqueues, the actor leaves when it
/// dequeues; "empty and now closed" is one compare-and-swap. A sender that is turned away never touches the word, so that a
/// count above zero always means that something is in the queue or about to be.
/// </summary>
internal struct MailboxGate
{
    private const long ClosedFlag = 1L << 62;
    private const long OneOutcome = 1L << 32;
    private const long MessageMask = OneOutcome - 1;

    private long _state;

    public readonly bool IsClosed => (Volatile.Read(in _state) & ClosedFlag) != 0;

    public Admission TryEnter(int capacity)
    {
        var seen = Volatile.Read(ref _state);
        while (true)
        {
            if ((seen & ClosedFlag) != 0)
                return Admission.Closed;
            if ((seen & MessageMask) >= capacity)
                return Admission.Full;
            var now = Interlocked.CompareExchange(ref _state, seen + 1, seen);
            if (now == seen)
                return Admission.Taken;
            seen = now;
        }
    }

    /// <returns>False if closed.</returns>
    public bool TryEnterOutcome()
    {
        var seen = Volatile.Read(ref _state);
        while ((seen & ClosedFlag) == 0)
        {
            var now = Interlocked.CompareExchange(ref _state, seen + OneOutcome, seen);
            if (now == seen)
                return true;
            seen = now;
        }
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _state);

    public void LeaveOutcome() => Interlocked.Add(ref _state, -OneOutcome);

    public void Close() => Interlocked.Or(ref _state, ClosedFlag);

    /// <returns>True if it is closed now.</returns>
    public bool TryCloseIfEmpty() => Interlocked.CompareExchange(ref _state, ClosedFlag, 0) == 0 || IsClosed;
}
