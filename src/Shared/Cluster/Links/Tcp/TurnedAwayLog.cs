namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>Keeps a stranger that dials again and again from filling the log: one line a reason and minute.</summary>
internal sealed class TurnedAwayLog(LinkContext context)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<object, long> _logged = [];

    public void Add(PreambleException e, string remote)
    {
        // A dialler that leaves in the middle has its own reason and logs it: it wanted another start of this node.
        if (e.Fault is not (Wire.Fault.Closed or Wire.Fault.Unwanted))
            Add(e.Fault, e.Message, remote);
    }

    public void Add(LinkTlsException e, string remote) => Add(typeof(LinkTlsException), e.Message, remote);

    private void Add(object kind, string reason, string remote)
    {
        lock (_lock)
        {
            var now = context.Clock.GetTimestamp();
            if (_logged.TryGetValue(kind, out var last) && context.Clock.GetElapsedTime(last, now) < Pause)
                return;
            _logged[kind] = now;
        }

        context.Logger.TurnedAway(remote, reason, Pause);
    }
}
