using System.Threading.Channels;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>What waits for one peer, and the rules for what does not fit. Any thread offers; one takes.</summary>
/// <remarks>
/// Budgets of their own, so that the one direction of a node with both roles cannot starve the other:
/// <list type="bullet">
/// <item><b>Requests</b> to rooms are refused over their limit: the connections that cause them are held up.</item>
/// <item><b>What rooms say</b> is never refused, for a room waits for nobody. Over the limit for broadcasts, events and
/// presence are dropped and their streams marked as behind; over the higher limit for answers, those too. When the
/// queue has shrunk to half, each stream that is behind gets one <see cref="StreamEnded"/>, and the gateway
/// subscribes and fetches anew. Typing notices and heads are dropped without a mark: the former are worth nothing
/// later, the latter are repeated.</item>
/// <item><b>Rooms' states</b> on their way to the next owner are refused over their limit; the rooms wait their turn.</item>
/// </list>
/// A room has one stream to a gateway at a time, so there is at most one mark a room: the marks are bounded by the
/// rooms that the peer has subscribed to. The newest sign of life has a place of its own and goes first.
/// </remarks>
internal sealed class PeerQueue(LinkOptions options, LinkMetrics metrics, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Queue<Item> _items = new();
    private readonly Dictionary<string, long> _behind = new(StringComparer.Ordinal);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private AliveLink? _alive;
    private long _requestBytes;
    private long _replyBytes;
    private long _handoverBytes;
    private long _dropped;
    private bool _completed;

    private enum Kind
    {
        Request,
        Reply,
        Handover,
    }

    /// <summary>The bytes that wait.</summary>
    public long Bytes => Interlocked.Read(ref _requestBytes) + Interlocked.Read(ref _replyBytes) + Interlocked.Read(ref _handoverBytes);

    /// <summary>How many messages from rooms were dropped so far.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <returns>False: over the limit for requests, or complete.</returns>
    public bool Offer(LinkMessage message)
    {
        lock (_lock)
        {
            if (_completed)
                return false;
            var wasIdle = IsIdle;
            var taken = message switch
            {
                AliveLink alive => (_alive = alive) is not null,
                ToRoomLink or ListRoomsLink or AskHandoverLink => TryAdd(message, Kind.Request, ref _requestBytes, options.RequestBytes),
                FromRoomLink m => OfferReply(m),
                HandoverLink { State: not null } => TryAdd(message, Kind.Handover, ref _handoverBytes, options.HandoverBytes),
                HeadsLink => TryAdd(message, Kind.Reply, ref _replyBytes, options.BroadcastBytes) || Drop(),
                NotOwnerLink m => TryAdd(message, Kind.Reply, ref _replyBytes, options.AnswerBytes) || DropAndMark(m.Room, m.Stream),
                _ => TryAdd(message, Kind.Reply, ref _replyBytes, options.AnswerBytes) || Drop(),
            };
            if (wasIdle && !IsIdle)
                _wake.Writer.TryWrite(true);
            return taken;
        }
    }

    /// <summary>Waits for something to send.</summary>
    /// <returns>False: nothing is left, and nothing more will come.</returns>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_lock)
            {
                if (!IsIdle)
                    return true;
                if (_completed)
                    return false;
            }

            if (!await _wake.Reader.WaitToReadAsync(cancellationToken))
                continue;
            _wake.Reader.TryRead(out _);
        }
    }

    /// <summary>Takes messages of about so many bytes, at least one if there is one.</summary>
    /// <param name="batch">Takes them.</param>
    /// <param name="bytes">How many, about.</param>
    /// <param name="oldest">When the first of them came, as a timestamp of the clock; null where that does not count.</param>
    /// <returns>How many streams that were behind are being ended.</returns>
    public int Take(List<LinkMessage> batch, int bytes, out long? oldest)
    {
        lock (_lock)
        {
            oldest = null;
            if (_alive is not null)
                batch.Add(_alive);
            _alive = null;
            long taken = 0;
            while (taken < bytes && _items.TryDequeue(out var item))
            {
                batch.Add(item.Message);
                oldest ??= item.Since;
                taken += item.Weight;
                Used(item.Kind) -= item.Weight;
            }

            return _behind.Count > 0 && _replyBytes <= options.BroadcastBytes / 2 ? EndStreamsBehind() : 0;
        }
    }

    /// <summary>No more will be offered; what waits may still be taken.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
        }

        _wake.Writer.TryComplete();
    }

    private bool IsIdle => _items.Count == 0 && _alive is null && _behind.Count == 0;

    private bool OfferReply(FromRoomLink link)
    {
        var (room, stream) = (link.Message.Room, link.Message.Stream);
        if (_behind.TryGetValue(room, out var behind))
        {
            if (stream > behind)
                _behind.Remove(room);
            else if (stream < behind || IsBroadcast(link.Message))
                return Drop();
        }

        var limit = IsBroadcast(link.Message) ? options.BroadcastBytes : options.AnswerBytes;
        if (TryAdd(link, Kind.Reply, ref _replyBytes, limit))
            return true;
        return link.Message is TypingNoticed ? Drop() : DropAndMark(room, stream);
    }

    private static bool IsBroadcast(FromRoom message) => message is EventsCommitted or PresenceChanged or TypingNoticed;

    // One that is larger than the limit goes through when nothing else waits, or it never would.
    private bool TryAdd(LinkMessage message, Kind kind, ref long used, long limit)
    {
        var weight = MessageWeight.Of(message);
        if (used > 0 && used + weight > limit)
            return false;
        used += weight;
        _items.Enqueue(new Item(message, weight, kind, clock.GetTimestamp()));
        return true;
    }

    private ref long Used(Kind kind)
    {
        switch (kind)
        {
            case Kind.Request:
                return ref _requestBytes;
            case Kind.Reply:
                return ref _replyBytes;
            default:
                return ref _handoverBytes;
        }
    }

    private bool Drop()
    {
        _dropped++;
        metrics.Dropped();
        return true;
    }

    private bool DropAndMark(string room, long stream)
    {
        if (!_behind.TryGetValue(room, out var behind) || stream > behind)
            _behind[room] = stream;
        return Drop();
    }

    private int EndStreamsBehind()
    {
        List<string>? ended = null;
        foreach (var (room, stream) in _behind)
        {
            if (!TryAdd(new FromRoomLink(new StreamEnded(room, stream)), Kind.Reply, ref _replyBytes, options.BroadcastBytes))
                break;
            (ended ??= []).Add(room);
        }

        ended?.ForEach(room => _behind.Remove(room));
        return ended?.Count ?? 0;
    }

    private readonly record struct Item(LinkMessage Message, int Weight, Kind Kind, long Since);
}
