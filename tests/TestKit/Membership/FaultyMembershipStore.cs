using ClusterChat.Cluster.Membership;

namespace ClusterChat.TestKit;

/// <summary>What goes wrong with a call of the table of nodes.</summary>
public enum MembershipFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The request is lost: no effect, and an error.</summary>
    FailBefore,

    /// <summary>The answer is lost: the effect, and an error.</summary>
    FailAfter,

    /// <summary>Nobody answers. The caller's time-out has to help.</summary>
    Hang,
}

/// <summary>How one call goes.</summary>
/// <param name="Fault">What goes wrong.</param>
/// <param name="Request">How long it takes until it has its effect; the caller's giving up does not stop it.</param>
/// <param name="Answer">How long the answer takes.</param>
public readonly record struct MembershipCall(MembershipFault Fault, TimeSpan Request, TimeSpan Answer);

/// <summary>
/// One node's way to a table of nodes, with faults and delays. Requests and answers travel outside of the node: a node
/// that is paused or killed does not hold up what it has sent.
/// </summary>
/// <param name="inner">The table behind it; its calls must complete at once.</param>
/// <param name="decide">How each call goes; null: without fault or delay.</param>
/// <param name="after">Runs an action later: <c>Simulation.After</c>; null: all at once.</param>
public sealed class FaultyMembershipStore(
    IMembershipStore inner, Func<MembershipCall>? decide = null, Action<TimeSpan, Action>? after = null) : IMembershipStore
{
    /// <summary>This node cannot reach the database: calls fail without effect.</summary>
    public bool IsAway { get; set; }

    /// <summary>As <see cref="IsAway"/>, but calls are swallowed instead of refused.</summary>
    public bool IsBlackHole { get; set; }

    /// <summary>When the last read or heartbeat that was answered had been asked, by <see cref="Clock"/>.</summary>
    public TimeSpan ReachedAt { get; private set; }

    /// <summary>The time; null: not of interest.</summary>
    public Func<TimeSpan>? Clock { get; init; }

    /// <summary>How many calls were made.</summary>
    public long Calls { get; private set; }

    /// <inheritdoc />
    public ValueTask<MembershipTable> HeartbeatAsync(string node, long heartbeat, CancellationToken cancellationToken) =>
        Reach(() => inner.HeartbeatAsync(node, heartbeat, CancellationToken.None));

    /// <inheritdoc />
    public ValueTask<MembershipTable> ReadAsync(CancellationToken cancellationToken) =>
        Reach(() => inner.ReadAsync(CancellationToken.None));

    /// <inheritdoc />
    public ValueTask<bool> TryChangeAsync(MembershipChange change, CancellationToken cancellationToken) =>
        Call(() => inner.TryChangeAsync(change, CancellationToken.None));

    /// <inheritdoc />
    public async ValueTask VoteAsync(MembershipVote vote, bool holds, CancellationToken cancellationToken) =>
        await Call(() =>
        {
            inner.VoteAsync(vote, holds, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            return ValueTask.FromResult(true);
        });

    private ValueTask<MembershipTable> Reach(Func<ValueTask<MembershipTable>> apply)
    {
        var asked = Clock?.Invoke() ?? TimeSpan.Zero;
        return Call(apply, () => ReachedAt = asked);
    }

    private ValueTask<T> Call<T>(Func<ValueTask<T>> apply, Action? answered = null)
    {
        Calls++;
        var call = decide?.Invoke() ?? default;
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Later(call.Request, () =>
        {
            var (fault, result) = (call.Fault, default(T));
            if (IsBlackHole)
                fault = MembershipFault.Hang;
            else if (IsAway)
                fault = MembershipFault.FailBefore;
            if (fault is MembershipFault.None or MembershipFault.FailAfter)
                result = apply().AsTask().GetAwaiter().GetResult();
            if (fault == MembershipFault.Hang)
                return;
            Later(call.Answer, () =>
            {
                if (fault == MembershipFault.None)
                {
                    answered?.Invoke();
                    answer.TrySetResult(result!);
                }
                else
                {
                    answer.TrySetException(new MembershipUnavailableException($"injected: {fault}"));
                }
            });
        });
        return new ValueTask<T>(answer.Task);
    }

    private void Later(TimeSpan delay, Action action)
    {
        if (after is null || delay <= TimeSpan.Zero)
            action();
        else
            after(delay, action);
    }
}
