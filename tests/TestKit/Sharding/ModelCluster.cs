namespace ClusterChat.TestKit;

/// <summary>
/// What stands in a simulation for Akka.Remote, Akka.Cluster and Akka.Cluster.Sharding: a model that is allowed to be worse than they are, so that
/// what clients are promised does not hang on what they do.
/// </summary>
internal sealed class ModelCluster
{
    private readonly ModelDelays _delays;

    public ModelCluster(Simulation simulation, SimPlan plan, Action<Fact> tell)
    {
        var links = new WireDelays(plan.LinkMicroseconds.Usual, plan.LinkMicroseconds.Rare, 0.02);
        _delays = new ModelDelays(simulation, links, plan.StoreMicroseconds, plan.WordsLate);
        Links = new ModelLinks(simulation, links, plan.LinkSilence);
        Table = new ModelTable(simulation, _delays, plan.Detection);
        Homes = new ModelHomes(simulation, Table, _delays, plan.WordsLost, tell);
    }

    public ModelLinks Links { get; }

    public ModelTable Table { get; }

    public ModelHomes Homes { get; }

    /// <summary>From now on it does what Akka does in good times.</summary>
    public void MakePeace()
    {
        _delays.IsPeace = true;
        Homes.MakePeace();
    }
}
