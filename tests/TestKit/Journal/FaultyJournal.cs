using ClusterChat.RoomActors.Journal;

namespace ClusterChat.TestKit;

/// <summary>
/// A journal that fails as real ones do: requests and answers get lost, come late, or the store is away. The
/// test decides call by call, and drives all delays, so a seeded simulation replays exactly.
/// </summary>
/// <param name="inner">The journal behind it.</param>
/// <param name="decide">What goes wrong with a call; called once a call, in the order of the calls.</param>
/// <param name="delay">
/// Awaited at each stage of each call, so that a simulation can let virtual time pass; null for no delay.
/// </param>
/// <param name="onHeld">Hears of each call that is held back, to schedule its release; null to release by hand.</param>
public sealed class FaultyJournal(
    IJournal inner,
    Func<JournalCall, JournalFault> decide,
    Func<JournalCall, JournalStage, CancellationToken, ValueTask>? delay = null,
    Action<HeldCall>? onHeld = null) : IJournal
{
    private readonly Lock _gate = new();
    private readonly List<HeldCall> _held = [];
    private long _calls;
    private volatile bool _isAway;

    /// <summary>
    /// The store cannot be reached: nothing takes effect but what is held already. Decisions are not asked for.
    /// </summary>
    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    /// <summary>The calls that wait for their release, oldest first.</summary>
    public IReadOnlyList<HeldCall> Held
    {
        get
        {
            lock (_gate)
                return [.. _held.Where(call => !call.IsReleased)];
        }
    }

    /// <inheritdoc />
    public ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken) =>
        CallAsync(
            Next(JournalOperation.Open, room, []),
            token => inner.OpenAsync(room, view, tail, token),
            Unavailable<OpenedRoom?>,
            cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<AppendResult>> AppendAsync(
        IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken) =>
        CallAsync(
            Next(JournalOperation.Append, string.Empty, batch),
            token => inner.AppendAsync(batch, token),
            reason => [.. batch.Select(_ => AppendResult.Unknown(reason))],
            cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken) =>
        CallAsync(
            Next(JournalOperation.Read, room, []),
            token => inner.ReadAsync(room, range, token),
            Unavailable<IReadOnlyList<StoredEvent>>,
            cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(
        string prefix, string after, int limit, CancellationToken cancellationToken) =>
        CallAsync(
            Next(JournalOperation.ListRooms, prefix, []),
            token => inner.ListRoomsAsync(prefix, after, limit, token),
            Unavailable<IReadOnlyList<StoredRoom>>,
            cancellationToken);

    private static T Unavailable<T>(string reason) => throw new JournalUnavailableException(reason);

    private JournalCall Next(JournalOperation operation, string room, IReadOnlyList<AppendEntry> batch) =>
        new(Interlocked.Increment(ref _calls), operation, room, batch);

    private async ValueTask<T> CallAsync<T>(
        JournalCall call,
        Func<CancellationToken, ValueTask<T>> apply,
        Func<string, T> fail,
        CancellationToken cancellationToken)
    {
        var fault = IsAway ? JournalFault.FailBefore : decide(call);
        await DelayAsync(call, JournalStage.Request, cancellationToken);
        // The store may have gone away while the request was on its way.
        if (IsAway && fault != JournalFault.Late)
            fault = JournalFault.FailBefore;

        switch (fault)
        {
            case JournalFault.FailBefore:
                await DelayAsync(call, JournalStage.Answer, cancellationToken);
                return fail("injected: the request was lost");
            case JournalFault.FailAfter:
                await apply(cancellationToken);
                await DelayAsync(call, JournalStage.Answer, cancellationToken);
                return fail("injected: the answer was lost");
            case JournalFault.Late:
                Hold(new HeldCall(call, async () => await apply(CancellationToken.None)));
                await DelayAsync(call, JournalStage.Answer, cancellationToken);
                return fail("injected: the request is late");
            default:
                var result = await apply(cancellationToken);
                await DelayAsync(call, JournalStage.Answer, cancellationToken);
                return result;
        }
    }

    private void Hold(HeldCall call)
    {
        lock (_gate)
        {
            _held.RemoveAll(held => held.IsReleased);
            _held.Add(call);
        }

        onHeld?.Invoke(call);
    }

    private ValueTask DelayAsync(JournalCall call, JournalStage stage, CancellationToken cancellationToken) =>
        delay is null ? ValueTask.CompletedTask : delay(call, stage, cancellationToken);
}
