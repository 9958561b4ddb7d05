namespace ClusterChat.TestKit;

/// <summary>
/// What a client sent to a room stands there in the order of sending, through reconnects too, since a client sends
/// again in order. Exempt are writes that were answered with an error, and those whose answer may have been an error
/// that was lost with the connection.
/// </summary>
internal sealed class SenderOrderCheck(IReadOnlyList<Fact> facts, RoomHistories rooms, bool refusalsMayBeLost, Action<string, string> report)
{
    // A gateway gives up a write that is this old, and all of its author's writes to the room behind it.
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(9.9);

    public void Run()
    {
        var firstSent = new Dictionary<(string Client, string Room, string Mid), TimeSpan>();
        var exempt = new HashSet<(string Client, string Room, string Mid)>();
        var open = new Dictionary<(string Client, string Room, string Mid), long>();
        var order = new Dictionary<(string Client, string Room), List<string>>();
        foreach (var fact in facts)
        {
            switch (fact)
            {
                case Fact.WriteRefused refused:
                    exempt.Add((refused.Client, refused.Room, refused.Mid));
                    break;
                case Fact.Sent sent:
                    firstSent.TryAdd((sent.Client, sent.Room, sent.Mid), sent.At);
                    if (open.TryAdd((sent.Client, sent.Room, sent.Mid), sent.Connection))
                    {
                        if (!order.TryGetValue((sent.Client, sent.Room), out var mids))
                        {
                            order.Add((sent.Client, sent.Room), mids = []);
                        }

                        mids.Add(sent.Mid);
                    }

                    open[(sent.Client, sent.Room, sent.Mid)] = sent.Connection;
                    break;
                case Fact.Acked acked:
                    open[(acked.Client, acked.Room, acked.Mid)] = 0;
                    break;
                case Fact.Disconnected closed when refusalsMayBeLost || closed.Code is not null:
                    exempt.UnionWith(open.Where(o => o.Key.Client == closed.Client && o.Value == closed.Connection).Select(o => o.Key));
                    break;
                case Fact.Disconnected closed:
                    // That they were given up may have been lost with the connection.
                    var old = open.Where(o => o.Value != 0 && closed.At - firstSent[o.Key] >= WriteTimeout)
                        .Select(o => (User: rooms.UserOf(o.Key.Client), o.Key.Room)).ToHashSet();
                    exempt.UnionWith(open.Where(o => o.Key.Client == closed.Client && o.Value == closed.Connection
                        && old.Contains((rooms.UserOf(o.Key.Client), o.Key.Room))).Select(o => o.Key));
                    break;
            }
        }

        foreach (var ((client, room), mids) in order)
        {
            if (!rooms.IsMemory(room))
            {
                Check(client, room, mids.Where(m => !exempt.Contains((client, room, m))));
            }
        }
    }

    private void Check(string client, string room, IEnumerable<string> mids)
    {
        var (last, lastMid) = (0L, "");
        foreach (var mid in mids)
        {
            if (rooms.SeqOf(room, rooms.UserOf(client), mid) is not { } seq)
            {
                continue;
            }

            if (seq <= last)
            {
                report(PromiseChecker.SendersOrder, $"{client} sent {mid} after {lastMid}; in {room} they stand at {seq} and {last}");
            }

            (last, lastMid) = (seq, mid);
        }
    }
}
