using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Cluster.Membership;

/// <summary>Random faults under many seeds. A failure names its seed, which replays it.</summary>
public sealed class MembershipFaultTests
{
    private const int SeedsPerCase = 200;

    /// <summary>
    /// What an eviction may come from: the limit, up to a heartbeat before it, and a decision that was under way when
    /// its reason ended.
    /// </summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(9);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Whatever_happens_views_are_one_history_and_nobody_is_evicted_without_a_reason(int part)
    {
        for (var seed = part * SeedsPerCase; seed < (part + 1) * SeedsPerCase; seed++)
            new Run(seed).Go();
    }

    private sealed class Run
    {
        private readonly MembershipWorld _world;
        private readonly Random _random;
        private readonly double _faults;
        private readonly Dictionary<string, TimeSpan> _removed = [];
        private TimeSpan _storeAwayUntil;
        private MembershipFault _storeFault;

        public Run(int seed)
        {
            _world = new MembershipWorld(seed);
            _random = _world.World.Random;
            _faults = seed % 3 == 0 ? 0 : 0.05;
            _world.Decide = Decide;
            _world.OnChange = Check;
        }

        private bool Disturbs { get; set; } = true;

        public void Go()
        {
            try
            {
                for (var i = _random.Next(1, 6); i > 0; i--)
                    StartSoon($"n{i}", _random.NextDouble() * 3);
                RunFor(4);
                for (var end = _world.Now + TimeSpan.FromSeconds(40); _world.Now < end;)
                {
                    Disturb();
                    RunFor(0.1 + (_random.NextDouble() * 4));
                }

                Calm();

                // Those who are about to end do so.
                RunFor(10);
                if (!_world.Live.Any())
                    _world.Start("n9");
                _world.ShouldAgree(TimeSpan.FromSeconds(40));
                var view = _world.Store.Table.View;
                RunFor(15);
                _world.Store.Table.View.ShouldBe(view);
                foreach (var node in _world.All.Where(n => n.End is { IsFailure: true }))
                    CheckEnd(node);
            }
            catch (Exception e) when (e is not ShouldAssertException { Message: var m } || !m.Contains("Seed", StringComparison.Ordinal))
            {
                throw new ShouldAssertException($"Seed {_world.World.Seed} at {_world.Now}: {e.Message}\n{_world}", e);
            }
        }

        private MembershipCall Decide()
        {
            var (request, answer) = (Delay(), Delay());
            if (Disturbs && _world.Now < _storeAwayUntil)
                return new MembershipCall(_storeFault, request, answer);
            if (!Disturbs || _random.NextDouble() >= _faults)
                return new MembershipCall(MembershipFault.None, request, answer);
            return new MembershipCall((MembershipFault)_random.Next(1, 4), request, answer);
        }

        private TimeSpan Delay() => TimeSpan.FromMilliseconds(Disturbs && _random.Next(50) == 0 ? _random.Next(600) : _random.NextDouble() * 10);

        private void Disturb()
        {
            var live = _world.Live.ToArray();
            if (live.Length == 0)
            {
                StartSoon("n1", 0.1);
                return;
            }

            var node = live[_random.Next(live.Length)];
            var other = live[_random.Next(live.Length)];
            var seconds = _random.NextDouble() * (_random.Next(3) == 0 ? 20 : 4);
            switch (_random.Next(9))
            {
                case 0:
                    node.Kill();
                    StartSoon(node.Self.Name, seconds);
                    break;
                case 1:
                    node.Kill();
                    break;
                case 2 when node != other:
                    node.Kill();
                    other.Kill();
                    StartSoon(other.Self.Name, seconds);
                    break;
                case 3:
                    Excuse(node, seconds > 1 ? seconds : 0);
                    node.Process.Pause();
                    After(seconds, node.Process.Resume);
                    break;
                case 4 when node != other:
                    node.CutUntil = other.CutUntil = Max(node.CutUntil, _world.Now + TimeSpan.FromSeconds(seconds) + Aftermath);
                    _world.Network.Cut(node.Self.Name, other.Self.Name);
                    After(seconds, () => _world.Network.Heal(node.Self.Name, other.Self.Name));
                    break;
                case 5:
                    Excuse(node, seconds);
                    (node.Store.IsAway, node.Store.IsBlackHole) = _random.Next(2) == 0 ? (true, false) : (false, true);
                    After(seconds, () => (node.Store.IsAway, node.Store.IsBlackHole) = (false, false));
                    break;
                case 6:
                    // For everybody: nobody is excused.
                    _storeAwayUntil = Max(_storeAwayUntil, _world.Now + TimeSpan.FromSeconds(seconds));
                    _storeFault = _random.Next(2) == 0 ? MembershipFault.FailBefore : MembershipFault.Hang;
                    break;
                case 7:
                    _ = node.Membership.LeaveAsync();
                    break;
                default:
                    if (live.Length < 6)
                        StartSoon($"n{_random.Next(1, 8)}", 0);
                    break;
            }
        }

        private void StartSoon(string name, double seconds) => After(seconds, () =>
        {
            // Two processes under one name are a mistake of an operator.
            if (Disturbs && !_world.Live.Any(n => n.Self.Name == name))
                _world.Start(name, _random.Next(4) == 0 ? NodeRoles.Gateway : NodeRoles.Gateway | NodeRoles.Rooms);
        });

        private void Calm()
        {
            Disturbs = false;
            _world.Network.HealAll();
            foreach (var node in _world.Live.ToArray())
            {
                (node.Store.IsAway, node.Store.IsBlackHole) = (false, false);
                if (node.Process.IsPaused)
                    node.Process.Resume();
            }
        }

        private void Excuse(MemberProcess node, double seconds)
        {
            if (seconds > 0)
                node.ExcusedUntil = Max(node.ExcusedUntil, _world.Now + TimeSpan.FromSeconds(seconds) + Aftermath);
        }

        private void Check(MembershipChange change)
        {
            foreach (var id in change.Remove)
                _removed.TryAdd(id, _world.Now);
        }

        /// <summary>Those who were removed while they lived found out, as <see cref="MembershipEndReason.Removed"/>.</summary>
        private void CheckEnd(MemberProcess node)
        {
            var removed = _removed.GetValueOrDefault(node.Self.Id, TimeSpan.MaxValue);
            var at = removed < node.EndedAt ? removed : node.EndedAt;
            var isExcused = node.End!.Reason switch
            {
                MembershipEndReason.Removed => node.ExcusedUntil > at,

                // Or it happened that its calls failed one after the other, for as long as it takes.
                MembershipEndReason.StoreUnreachable => node.ExcusedUntil > at || node.StoreAwayFor >= _world.Options.FailureLimit,
                MembershipEndReason.OwnerUnreachable => node.CutUntil > at - Aftermath,
                _ => false,
            };
            isExcused.ShouldBeTrue($"{node.Self.Id} {node.End}, out at {at}, excused until {node.ExcusedUntil}, cut until {node.CutUntil}");
        }

        private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

        private void After(double seconds, Action action) => _world.World.After(TimeSpan.FromSeconds(seconds), action);

        private void RunFor(double seconds) => _world.World.RunFor(TimeSpan.FromSeconds(seconds));
    }
}
