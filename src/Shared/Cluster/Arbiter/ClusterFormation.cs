using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Arbiter;

/// <summary>
/// How a node becomes a member, and how it takes its leave, with the table of nodes as the meeting point: no seeds, and nobody ever
/// founds a cluster because others did not answer in time.
/// <list type="number">
/// <item>It registers; so its remoting must listen before.</item>
/// <item>Where the table knows of nobody who is up, the one who came first founds. All others join those who are up, or the founder.
/// Who refuses a dial is dead and evicted, and the plan is made anew.</item>
/// <item>Once it is up, its row says so, but only if all who are up in the table are in its own cluster: so whatever happened before,
/// there is never more than one cluster that the table knows.</item>
/// </list>
/// </summary>
/// <remarks>One at a time for each actor system. While the table is away it waits.</remarks>
public sealed partial class ClusterFormation
{
    private readonly Akka.Cluster.Cluster _cluster;
    private readonly ArbiterSetup _setup;
    private readonly ArbiterOptions _options;
    private readonly ArbiterMetrics _metrics;
    private readonly ILogger _log;
    private readonly NodeKey _self;

    // Continues where it is set: with asynchronous continuations WaitAsync goes to the thread pool, out of a simulation.
    private readonly TaskCompletionSource _isUp = new();

    /// <summary>Since when whom nobody answers at, by name of the row; and since when no change was seen in the table.</summary>
    private readonly SortedDictionary<NodeKey, long> _silent = new(NodeKeys.Order);

    private long _lastView = -1;
    private long _quietSince;
    private long? _strangersSince;
    private bool _isAway;
    private bool _hasFounded;
    private string _asked = "";
    private long _askedAt;

    /// <param name="system">Started with an <see cref="ArbiterSetup"/>, and its remoting listens.</param>
    public ClusterFormation(ActorSystem system)
    {
        _cluster = Akka.Cluster.Cluster.Get(system);
        _setup = ArbiterSetup.Of(system);
        _options = _setup.Options;
        _metrics = new ArbiterMetrics(_setup.Meters);
        _log = _setup.Loggers.CreateLogger<ClusterFormation>();
        _self = NodeKeys.Of(_cluster.SelfUniqueAddress);
        _quietSince = Now;
    }

    private long Now => _setup.Clock.GetTimestamp();

    /// <summary>Registers, founds or joins, and returns when this node is up and its row says so.</summary>
    /// <returns>
    /// False: it was evicted meanwhile (the callback of the setup has been called), or the actor system has shut down.
    /// </returns>
    /// <exception cref="ArbiterException">Its name is taken, or it should be alone and is not.</exception>
    /// <exception cref="OperationCanceledException">The token.</exception>
    public async Task<bool> JoinAsync(CancellationToken cancellationToken)
    {
        _cluster.RegisterOnMemberUp(() => _isUp.TrySetResult());
        while (!_cluster.IsTerminated)
        {
            try
            {
                var list = await _setup.Table.ReadAsync(cancellationToken);
                OnAnswered(list);
                var step = _setup.View.IsMember || list.Find(_self) is not null
                    ? await AdvanceAsync(list, cancellationToken)
                    : await RegisterAsync(list, cancellationToken);
                switch (step)
                {
                    case Step.Again:
                        continue;
                    case Step.Done:
                        LogUp(_log, _setup.Name, _setup.View.Number);
                        return true;
                    case Step.Over:
                        return false;
                }
            }
            catch (NodeTableUnavailableException e)
            {
                if (!_isAway)
                    LogTableAway(_log, _setup.Name, e.Message);
                _isAway = true;
            }

            await PauseAsync(cancellationToken);
        }

        return false;
    }

    /// <summary>
    /// Removes this node's row. For when it has left the cluster, or does not get that far: who misses the row of a member downs it. Bounded by
    /// <see cref="ArbiterOptions.LeaveTimeout"/>; does not throw.
    /// </summary>
    public async Task LeaveAsync()
    {
        if (!_setup.View.TryRetire(out var self))
            return;
        using var limit = new CancellationTokenSource(_options.LeaveTimeout, _setup.Clock);
        try
        {
            await RemoveAsync(self.Value, limit.Token).WaitAsync(_options.LeaveTimeout, _setup.Clock);
            LogLeft(_log, _setup.Name);
        }
        catch (Exception e) when (e is NodeTableUnavailableException or OperationCanceledException or TimeoutException)
        {
            LogRowStays(_log, _setup.Name, e.Message);
        }
    }

    private async Task RemoveAsync(NodeKey self, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var list = await _setup.Table.ReadAsync(cancellationToken);
                if (list.Find(self) is null || await _setup.Table.TryChangeAsync(new NodeChange(list.View, null, [self]), cancellationToken))
                    return;
            }
            catch (NodeTableUnavailableException)
            {
                await Task.Delay(_options.FormationInterval, _setup.Clock, cancellationToken);
            }
        }
    }

    /// <summary>One step of a node whose row is, or was, there.</summary>
    private async Task<Step> AdvanceAsync(NodeList list, CancellationToken cancellationToken)
    {
        if (list.Find(_self) is { } row && !_setup.View.IsMember)
        {
            // Also where the registration's answer was lost.
            _setup.View.Registered(row);
            LogRegistered(_log, _setup.Name, row.Since);
        }

        if (!_setup.View.Learn(list))
            return Step.Over;
        if (list.Find(_self) is not { } self)
            return Step.Wait; // A list from before it registered.
        if (self.State == NodeState.Up)
            return Step.Done;
        if (_cluster.SelfMember.Status is MemberStatus.Up)
            return await SayUpAsync(list, self, cancellationToken);

        var plan = FormationPlan.Of(_self, list);
        if (plan.Founds)
        {
            Found();
            return Step.Wait;
        }

        if (await EvictDeadAsync(list, plan.Contacts, cancellationToken))
            return Step.Again;
        Ask(plan.Contacts);
        return Step.Wait;
    }

    private void Found()
    {
        if (_hasFounded)
            return;
        _hasFounded = true;
        LogFounds(_log, _setup.Name);
        _cluster.Join(_cluster.SelfAddress);
    }

    /// <summary>Asks the contacts to be let in; this node is never among them, so that Akka does not found on its own.</summary>
    private void Ask(IReadOnlyList<NodeRow> contacts)
    {
        var names = string.Join(", ", contacts.Select(c => c.Key));
        if (names == _asked && _setup.Clock.GetElapsedTime(_askedAt) < _options.RejoinInterval)
            return;
        if (names != _asked)
            LogJoins(_log, _setup.Name, names);
        (_asked, _askedAt) = (names, Now);
        _cluster.JoinSeedNodes(contacts.Select(c => c.Key.ToAddress(_cluster.SelfAddress)));
    }

    private async Task<Step> SayUpAsync(NodeList list, NodeRow self, CancellationToken cancellationToken)
    {
        var members = _cluster.State.Members.Select(m => NodeKeys.Of(m.UniqueAddress)).ToHashSet();
        var strangers = FormationPlan.Strangers(_self, list, members);
        if (strangers.Count == 0)
        {
            var change = new NodeChange(list.View, self with { State = NodeState.Up }, []);
            if (await _setup.Table.TryChangeAsync(change, cancellationToken))
                _setup.View.Learn(list.With(change));
            return Step.Again;
        }

        if (await EvictDeadAsync(list, strangers, cancellationToken))
            return Step.Again;
        _strangersSince ??= Now;
        if (_setup.Clock.GetElapsedTime(_strangersSince.Value) < _options.SilenceLimit)
            return Step.Wait;
        LogApart(_log, _setup.Name, string.Join(", ", strangers.Select(s => $"{s.Name} ({s.Key.Address})")));
        _setup.View.EndApart(list);
        return Step.Over;
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        // Wakes when the node is up, but only once: from then on each look is a step further, or waits for others.
        if (_isUp.Task.IsCompleted)
            await Task.Delay(_options.FormationInterval, _setup.Clock, cancellationToken);
        else
            await _isUp.Task.WaitAsync(_options.FormationInterval, _setup.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void OnAnswered(NodeList list)
    {
        if (_isAway)
        {
            LogTableBack(_log, _setup.Name);
            _quietSince = Now;
        }

        _isAway = false;
        if (list.View != _lastView)
            (_lastView, _quietSince) = (list.View, Now);
    }

    private enum Step
    {
        Wait,
        Again,
        Done,
        Over,
    }
}
