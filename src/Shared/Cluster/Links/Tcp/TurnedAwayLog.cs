namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>Keeps a stranger that dials again and again from filling the log: one line a reason and minute.</summary>
internal sealed class TurnedAwayLog(LinkContext context)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Wire.Fault, long> _logged = [];

    public void Add(PreambleException e, string remote)
    {
        // A dialler that leaves in the middle has its own reason and logs it: it wanted another start of this node.
        if (e.Fault is Wire.Fault.Closed or Wire.Fault.Unwanted)
            return;
        lock (_lock)
        {
            var now = context.Clock.GetTimestamp();
            if (_logged.TryGetValue(e.Fault, out var last) && context.Clock.GetElapsedTime(last, now) < Pause)
                return;
            _logged[e.Fault] = now;
        }

        context.Logger.TurnedAway(remote, e.Message, Pause);
    }
}
