using System.Collections.Concurrent;
using Akka.Actor;
using ClusterChat.Messages;

namespace ClusterChat.Cluster.Engine;

/// <summary>What may be on its way from this node's rooms to one gateway.</summary>
public sealed record FlowLimits
{
    /// <summary>
    /// The bytes beyond which events are dropped: the gateway fetches them later. 8 MiB: what 64 rooms of 20 MB/s together say
    /// in 0.4 s, and the most that a frozen gateway costs its owners each.
    /// </summary>
    public long MaxEventBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>The bytes beyond which answers are dropped too: the gateway asks again. Twice as much, so that they are the last to go.</summary>
    public long MaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>After so many bytes a gateway is asked to confirm that they have arrived.</summary>
    public long MarkBytes { get; init; } = 256 * 1024;

    /// <summary>A mark that is not confirmed is repeated after so long, with what is sent next: it, or its answer, may be lost.</summary>
    public TimeSpan RepeatAfter { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>
/// Counts for each gateway what was sent to it and is not confirmed yet. Akka's queues have no limit: a gateway that stands still would else gather
/// all that its rooms say, in the memory of their owners.
/// </summary>
/// <remarks>
/// Marks travel in the stream of messages, which keeps its order: a confirmed mark says that all before it has
/// arrived, or never will. What is dropped is not missed: heads and the next events show the hole, and the gateway fetches it.
/// </remarks>
internal sealed class GatewayFlows(FlowLimits limits, TimeProvider clock)
{
    // What a message takes besides lines and texts.
    private const int MessageBytes = 128;

    private readonly ConcurrentDictionary<string, Flow> _flows = new(StringComparer.Ordinal);
    private long _dropped;

    /// <summary>How many messages were dropped.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Counts a message that is about to be sent. Any thread.</summary>
    /// <param name="gateway">The <see cref="ClusterNode.Id"/>.</param>
    /// <param name="message">The message.</param>
    /// <param name="node">The gateway's <see cref="NodeActor"/>.</param>
    /// <param name="self">This node's.</param>
    /// <returns>False: it is not to be sent.</returns>
    public bool TryPass(string gateway, FromRoom message, IActorRef node, IActorRef self)
        => TryPass(gateway, Weight(message), LimitOf(message), node, self);

    /// <summary>The same for heads: they are said again.</summary>
    public bool TryPass(string gateway, HeadsRepeated heads, IActorRef node, IActorRef self)
        => TryPass(gateway, MessageBytes + (heads.Heads.Count * 64L), limits.MaxEventBytes, node, self);

    private bool TryPass(string gateway, long weight, long limit, IActorRef node, IActorRef self)
    {
        var flow = _flows.GetOrAdd(gateway, static (_, node) => new Flow(node), node);
        lock (flow)
        {
            var now = clock.GetTimestamp();
            var passes = weight <= limit - (flow.Sent - flow.Confirmed);
            if (passes)
            {
                flow.Sent += weight;
            }
            else
            {
                Interlocked.Increment(ref _dropped);
            }

            var isDue = flow.Marked == flow.Confirmed
                ? flow.Sent - flow.Marked >= limits.MarkBytes
                : clock.GetElapsedTime(flow.MarkedAt, now) >= limits.RepeatAfter;
            if (isDue)
            {
                (flow.Marked, flow.MarkedAt) = (flow.Sent, now);
                node.Tell(new FlowMark(flow.Sent), self);
            }

            return passes;
        }
    }

    /// <summary>A gateway has got all up to a mark.</summary>
    /// <param name="node">Who says so. By its path: a reference that was made of an address does not know the actor's incarnation.</param>
    /// <param name="mark">The mark.</param>
    public void Confirmed(IActorRef node, long mark)
    {
        foreach (var (_, flow) in _flows)
        {
            if (flow.Node.Path.Equals(node.Path))
            {
                lock (flow)
                {
                    flow.Confirmed = Math.Max(flow.Confirmed, Math.Min(mark, flow.Sent));
                    if (flow.Marked < flow.Confirmed)
                    {
                        flow.Marked = flow.Confirmed;
                    }
                }
            }
        }
    }

    /// <summary>A gateway is gone.</summary>
    public void Forget(string gateway) => _flows.TryRemove(gateway, out _);

    private long LimitOf(FromRoom message) => message switch
    {
        EventsCommitted or PresenceChanged or TypingNoticed => limits.MaxEventBytes,
        StreamEnded => long.MaxValue,
        _ => limits.MaxBytes,
    };

    private static long Weight(FromRoom message)
    {
        long weight = MessageBytes;
        switch (message)
        {
            case EventsCommitted events:
                weight += Bytes(events.Lines);
                break;
            case EventPage page:
                weight += Bytes(page.Lines) + ((page.Members?.Count ?? 0) * 32L);
                break;
            case WritesDone done:
                weight += done.Writes.Count * 32L;
                break;
            case MemberPage members:
                weight += members.Names.Count * 32L;
                break;
        }

        return weight;
    }

    private static long Bytes(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        long bytes = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            bytes += lines[i].Length;
        }

        return bytes;
    }

    private sealed class Flow(IActorRef node)
    {
        public IActorRef Node => node;

        /// <summary>All bytes so far.</summary>
        public long Sent { get; set; }

        public long Confirmed { get; set; }

        /// <summary>The newest mark.</summary>
        public long Marked { get; set; }

        public long MarkedAt { get; set; }
    }
}
