namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>
/// About how many bytes a message keeps alive while it waits. Lines are shared with other peers' queues, so this is
/// more than what is used; it never is much less.
/// </summary>
internal static class MessageWeight
{
    private const int Record = 160;
    private const int Entry = 56;

    public static int Of(LinkMessage message) => message switch
    {
        ToRoomLink { Message: var m } => Record + (2 * m.Room.Length) + Of(m),
        FromRoomLink { Message: var m } => Record + (2 * m.Room.Length) + Of(m),
        HeadsLink m => Record + (m.Heads.Count * 3 * Entry),
        RoomsListedLink { Listing: { } listing } => Record + (listing.Rooms.Count * 2 * Entry),
        GatewayOrderLink { Order: SendNotice notice } => Record + (2 * notice.Text.Length),
        GatewayReportLink { Report: { } report } => Record + Of(report.Lines),
        HandoverLink { State: { } state } => Record + Of(state),
        _ => Record,
    };

    private static int Of(RoomHandover state)
    {
        var bytes = state.Writes.Count * 3 * Entry;
        foreach (var handed in state.Events)
        {
            bytes += handed.Line.Length + (4 * Entry);
        }

        foreach (var gateway in state.Members ?? [])
        {
            bytes += Entry + (gateway.Members.Count * 3 * Entry);
        }

        return bytes;
    }

    private static int Of(ToRoom message) => message switch
    {
        Subscribe m => m.Members.Count * 3 * Entry,
        Write { Content: MessageContent content } m => (2 * (content.Text.Length + m.Mid.Length)) + content.Data.Length + (3 * Entry),
        _ => 2 * Entry,
    };

    private static int Of(FromRoom message) => message switch
    {
        EventsCommitted m => Of(m.Lines),
        EventPage m => Of(m.Lines) + Of(m.Members) + Entry,
        WritesDone m => m.Writes.Count * Entry,
        MemberPage m => Of(m.Names),
        PresenceChanged m => Of(m.Joined) + Of(m.Left),
        _ => Entry,
    };

    private static int Of(IReadOnlyList<string>? names) => (names?.Count ?? 0) * 2 * Entry;

    private static int Of(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        var bytes = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            bytes += lines[i].Length + Entry;
        }

        return bytes;
    }
}
