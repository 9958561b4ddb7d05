namespace ClusterChat.Cluster.Membership;

/// <summary>
/// The agent's calls of the database: one at a time, each with a time-out of its own, a pause after a failure. An answer
/// that comes after its time-out is dropped, so what is read never goes back in time.
/// </summary>
internal sealed partial class MembershipAgent
{
    private const string TimeoutTimer = "store-timeout";
    private const string RetryTimer = "retry";

    private int _calls;
    private CancellationTokenSource? _calling;
    private bool _callProvesReach;
    private bool _pausing;
    private bool _storeAway;

    private bool IsBusy => _calling is not null || _pausing;

    private void Heartbeat()
    {
        _due = false;
        var (asked, count) = (Now, ++_heartbeat);
        Call(token => setup.Store.HeartbeatAsync(Self.Id, count, token), table => TableRead(table, asked), provesReach: true);
    }

    private void Read()
    {
        _due = false;
        var asked = Now;
        Call(setup.Store.ReadAsync, table => TableRead(table, asked), provesReach: true);
    }

    private void Change(MembershipTable under, ClusterNode? add, IReadOnlyList<string> remove)
    {
        var change = new MembershipChange(under.View, add, remove);
        Call(
            token => setup.Store.TryChangeAsync(change, token),
            accepted =>
            {
                if (accepted)
                    Accept(under.With(change), mine: true);
                else
                    _due = true;
            });
    }

    private void Vote(string suspect, bool holds)
    {
        var vote = new MembershipVote(suspect, Self.Id);
        Call(
            async token =>
            {
                await setup.Store.VoteAsync(vote, holds, token);
                return true;
            },
            // The table tells whether another one voted meanwhile.
            _ => _due = true);
    }

    private void Call<T>(Func<CancellationToken, ValueTask<T>> call, Action<T> answered, bool provesReach = false)
    {
        var number = ++_calls;
        _calling = new CancellationTokenSource();
        _callProvesReach = provesReach;
        Context.StartTimer(TimeoutTimer, new StoreTimedOut(number), setup.Options.StoreTimeout);
        ValueTask<T> task;
        try
        {
            task = call(_calling.Token);
        }
        catch (Exception e)
        {
            task = ValueTask.FromException<T>(e);
        }

        Context.Pipe<T>(
            task,
            result => new StoreAnswered(number, () => answered(result)),
            error => new StoreFailed(number, error));
    }

    private void OnAnswered(StoreAnswered answer)
    {
        if (answer.Call != _calls || _calling is null)
            return;
        EndCall();
        if (_storeAway)
            LogStoreBack(logger, Self.Id);
        _storeAway = false;
        answer.Apply();
    }

    private void OnFailed(int call, Exception? error)
    {
        if (call != _calls || _calling is null)
            return;
        var reach = _callProvesReach;
        _calling.Cancel();
        EndCall();
        if (reach)
        {
            _detector.Missed();
            _firstTable = null;
        }

        if (error is not (null or MembershipUnavailableException or OperationCanceledException))
            LogCallFailed(logger, error, Self.Id);
        else if (!_storeAway)
            LogStoreAway(logger, Self.Id, error?.Message ?? "no answer in time");
        _storeAway = true;
        _pausing = true;
        Context.StartTimer(RetryTimer, new RetryDue(), setup.Options.RetryInterval);
    }

    private void EndCall()
    {
        Context.CancelTimer(TimeoutTimer);
        _calling?.Dispose();
        _calling = null;
    }
}
