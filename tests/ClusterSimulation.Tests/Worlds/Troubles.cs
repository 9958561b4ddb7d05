using ClusterChat.ClusterSimulation.Kernel;

namespace ClusterChat.ClusterSimulation.Worlds;

/// <summary>Brings troubles over a cluster, one every few seconds, of kinds and lengths that the seed picks.</summary>
/// <param name="world">The world.</param>
/// <param name="database">Its database.</param>
/// <param name="hosts">Whom they may befall.</param>
/// <param name="processes">What runs there.</param>
/// <param name="mayCome">Whether the cluster can be given another one now.</param>
internal sealed class Troubles(
    SimWorld world, SimDatabase database, IReadOnlyList<string> hosts, IReadOnlyDictionary<string, ClusterProcess> processes, Func<bool> mayCome)
{
    private static readonly TimeSpan MinPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(7);
    private static readonly TroubleKind[] Kinds = Enum.GetValues<TroubleKind>();

    private readonly SortedDictionary<TroubleKind, int> _counts = [];
    private bool _isOver;

    /// <summary>How many there were of each kind.</summary>
    public IReadOnlyDictionary<TroubleKind, int> Counts => _counts;

    private SimNetwork Network => world.Network;

    public void Begin() => world.Every(MinPause, MaxPause, () =>
    {
        if (!_isOver && mayCome())
            Bring(Kinds[world.Random.Next(Kinds.Length)], hosts[world.Random.Next(hosts.Count)]);
    });

    /// <summary>Peace: cuts are healed, who is paused goes on, the database answers.</summary>
    public void End()
    {
        _isOver = true;
        database.IsAway = false;
        Network.HealAll();
        foreach (var host in hosts)
            processes.GetValueOrDefault(host)?.Node.Resume();
    }

    private void Bring(TroubleKind kind, string host)
    {
        // Who is not there, or suffers already, is left alone.
        if (processes.GetValueOrDefault(host) is not { IsOver: false, HasJoined: true, IsLeaving: false } process || process.Node.IsPaused)
            return;
        var others = hosts.Where(h => h != host).ToArray();
        var other = others[world.Random.Next(others.Length)];
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        world.Trace($"trouble: {kind} of {host}");
        switch (kind)
        {
            case TroubleKind.Kill:
                process.End("is killed");
                break;
            case TroubleKind.KillTwo:
                process.End("is killed");
                processes.GetValueOrDefault(other)?.End("is killed");
                break;
            case TroubleKind.Pause:
                process.Node.Pause();
                world.After(Seconds(0.2, 20), process.Node.Resume);
                break;
            case TroubleKind.Drain:
                process.Drain();
                break;
            case TroubleKind.CutOff:
                CutFor(Seconds(0.5, 20), [host], others);
                break;
            case TroubleKind.Island:
                CutFor(Seconds(0.5, 20), [host], [.. others, SimDatabase.Host]);
                break;
            case TroubleKind.OneWay:
                Network.Cut(host, other);
                world.After(Seconds(0.5, 20), () => Network.Heal(host, other));
                break;
            case TroubleKind.Split:
                CutFor(Seconds(0.5, 20), [host, other], [.. others.Where(o => o != other)]);
                break;
            case TroubleKind.NoDatabase:
                CutFor(Seconds(0.5, 10), [host], [SimDatabase.Host]);
                break;
            case TroubleKind.DatabaseAway:
                database.IsAway = true;
                world.After(Seconds(0.5, 8), () => database.IsAway = false);
                break;
            default:
                throw new InvalidOperationException($"Unknown trouble {kind}.");
        }
    }

    private void CutFor(TimeSpan time, string[] these, string[] those)
    {
        ForEachPair(Network.CutBoth);
        world.After(time, () => ForEachPair(Network.HealBoth));

        void ForEachPair(Action<string, string> action)
        {
            foreach (var one in these)
            {
                foreach (var other in those)
                    action(one, other);
            }
        }
    }

    private TimeSpan Seconds(double min, double max) => world.Between(TimeSpan.FromSeconds(min), TimeSpan.FromSeconds(max));
}
