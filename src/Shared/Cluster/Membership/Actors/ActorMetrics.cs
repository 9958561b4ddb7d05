using System.Diagnostics.Metrics;

namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>The meter "ClusterChat.Cluster.Membership.Actors". No actor names as tags: a node has as many of them as rooms and connections.</summary>
internal sealed class ActorMetrics
{
    public const string MeterName = "ClusterChat.Cluster.Membership.Actors";

    private readonly Counter<long>? _deadLetters;
    private readonly Counter<long>? _refused;
    private readonly Counter<long>? _restarts;
    private long _deadLetterCount;

    public ActorMetrics(IMeterFactory? meters)
    {
        if (meters is null)
            return;
        var meter = meters.Create(MeterName);
        _deadLetters = meter.CreateCounter<long>("clusterchat.actors.dead_letters", "{message}", "Messages for actors that had stopped or stopped before they came to them.");
        _refused = meter.CreateCounter<long>("clusterchat.actors.refused", "{message}", "Messages refused because the mailbox was full.");
        _restarts = meter.CreateCounter<long>("clusterchat.actors.restarts", "{restart}", "Actors replaced after a failure.");
    }

    public long DeadLetters => Interlocked.Read(ref _deadLetterCount);

    public void DeadLetter(int count = 1)
    {
        Interlocked.Add(ref _deadLetterCount, count);
        _deadLetters?.Add(count);
    }

    public void Refused() => _refused?.Add(1);

    public void Restart() => _restarts?.Add(1);
}
