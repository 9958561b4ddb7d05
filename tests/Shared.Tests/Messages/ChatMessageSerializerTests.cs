using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using ClusterChat.Cluster;
using ClusterChat.Messages;
using ClusterChat.Protocol;

namespace ClusterChat.Shared.Tests.Messages;

public sealed class ChatMessageSerializerTests
{
    // What stands for a kind stands for it for ever: two versions of the cluster talk to each other. Only ever add lines.
    private static readonly Dictionary<string, string> Manifests = new(StringComparer.Ordinal)
    {
        ["Subscribe"] = "S",
        ["Unsubscribe"] = "U",
        ["Enter"] = "E",
        ["Leave"] = "L",
        ["Write"] = "W",
        ["Writes"] = "WS",
        ["ReadEvents"] = "R",
        ["ListMembers"] = "M",
        ["Typing"] = "T",
        ["Subscribed"] = "s",
        ["StreamEnded"] = "x",
        ["EventsCommitted"] = "e",
        ["WritesDone"] = "w",
        ["EventPage"] = "p",
        ["MemberPage"] = "m",
        ["Left"] = "l",
        ["Refused"] = "r",
        ["PresenceChanged"] = "c",
        ["TypingNoticed"] = "t",
        ["HeadsRepeated"] = "HR",
        ["FlowMark"] = "FM",
        ["FlowConfirmed"] = "FC",
        ["ListRooms"] = "LR",
        ["RoomsListed"] = "RL",
        ["OrderGateway"] = "OG",
        ["GatewayReported"] = "GR",
        ["KeepRoom"] = "KR",
        ["RoomKept"] = "RK",
        ["Draining"] = "DR",
    };

    private static readonly ChatMessageSerializer Serializer = new(null!);

    public static TheoryData<string> Kinds => [.. SampleMessages.Kinds().Select(k => k.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_message_survives(string kind)
    {
        var type = SampleMessages.Kinds().Single(k => k.Name == kind);
        for (var seed = 0; seed < 300; seed++)
        {
            var message = new SampleMessages(seed).Message(type);
            SampleMessages.Show(ThereAndBack(message)).ShouldBe(SampleMessages.Show(message), $"seed {seed}");
        }
    }

    [Fact]
    public void Every_kind_of_message_has_the_manifest_that_it_always_had()
    {
        var found = SampleMessages.Kinds().ToDictionary(k => k.Name, k => Serializer.Manifest(new SampleMessages(1).Message(k)), StringComparer.Ordinal);
        found.OrderBy(f => f.Key, StringComparer.Ordinal).ShouldBe(Manifests.OrderBy(m => m.Key, StringComparer.Ordinal));
        MessageKinds.ByManifest.Keys.Order(StringComparer.Ordinal).ShouldBe(Manifests.Values.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_number_of_the_serializer_is_what_it_always_was() => Serializer.Identifier.ShouldBe(4711);

    [Fact]
    public void Nothing_and_empty_are_told_apart()
    {
        Same(new PresenceChanged("r", 1, null, [], 3));
        Same(new PresenceChanged("r", 1, [], null, 3));
        Same(new EventPage("r", 1, 2, "log", 0, [], 0, false, true, 0, null));
        Same(new EventPage("r", 1, 2, "log", 0, [], 0, false, true, 0, []));
        Same(new Enter("r", "g", 1, 2, null, null, 0));
        Same(new Enter("r", "g", 1, 2, new Member("", ""), new Position("", 0), 0));
        Same(new Write("r", "g", 1, 2, 2, new Member("", ""), true, "m", new MessageContent("", null, default)));
        Same(new Write("r", "g", 1, 2, 2, new Member("u", "n"), true, "m", new MessageContent("", 0, default)));
        Same(new Writes("r", "g", 1, []));
        Same(new Writes(
            "r", "g", 1, [new Write("r", "g", 1, 1, 0, new Member("u", "n"), true, "m", new MessageContent("t", 7, "{}"u8.ToArray())),
            new Write("r", "g", 1, 2, 1, new Member("", ""), false, "", new MessageContent("", null, default))]));
        Same(new EventsCommitted("", 0, 0, []));
        Same(new EventsCommitted("r", 1, 1, [default, default]));
        Same(new WritesDone("r", 1, [new WriteDone(1, 0, 0, false, null), new WriteDone(2, 0, 0, true, new ProtocolError(ErrorCode.BadRequest, ""))]));
        Same(new RoomsListed(1, null));
        Same(new RoomsListed(1, new RoomListing([], false)));
        Same(new GatewayReported(1, null));
        Same(new GatewayReported(1, GatewayReport.None));
        Same(new OrderGateway(1, new ListConnections(null, "", 0, 0)));
        Same(new OrderGateway(1, new ListConnections("", null, 0, 0)));
        Same(new KeepRoom(1, "r", new RoomHandover("", 0, 0, [], [], null, [])));
        Same(new KeepRoom(1, "r", new RoomHandover("", 0, 0, [], [], [], [])));
    }

    [Fact]
    public void Every_error_code_has_its_own_number()
    {
        foreach (var code in Enum.GetValues<ErrorCode>())
        {
            Same(new Refused("r", 1, 2, new ProtocolError(code, "m", 5)));
        }
    }

    [Fact]
    public void What_is_no_message_between_nodes_is_refused()
    {
        Should.Throw<SerializationException>(() => Serializer.Manifest("text"));
        Should.Throw<SerializationException>(() => Serializer.ToBinary(new Member("u", "n")));
    }

    [Fact]
    public void Orders_and_contents_that_have_no_form_are_refused()
    {
        Should.Throw<SerializationException>(() => Serializer.ToBinary(new OrderGateway(1, new StrangeOrder())));
        Should.Throw<SerializationException>(
            () => Serializer.ToBinary(new Write("r", "g", 1, 2, 0, new Member("u", "n"), false, "m", new StrangeContent())));
    }

    [Fact]
    public void Committed_lines_are_read_where_they_lie()
    {
        var body = Serializer.ToBinary(new EventsCommitted("r", 1, 1, ["{\"t\":\"msg\"}"u8.ToArray(), "{}"u8.ToArray()]));
        foreach (var line in Serializer.FromBinary(body, "e").ShouldBeOfType<EventsCommitted>().Lines)
        {
            MemoryMarshal.TryGetArray(line, out var segment).ShouldBeTrue();
            segment.Array.ShouldBeSameAs(body);
        }
    }

    [Fact]
    public void A_line_that_is_handed_over_holds_no_other()
    {
        ReadOnlyMemory<byte> line = "{\"t\":\"msg\"}"u8.ToArray();
        var handover = new RoomHandover("l", 1, 2, [new HandedEvent(1, "a", "m", 1, 0, line), new HandedEvent(1, "a", "n", 1, 0, line)], [], null, []);
        var kept = ThereAndBack(new KeepRoom(1, "r", handover)).ShouldBeOfType<KeepRoom>();
        MemoryMarshal.TryGetArray(kept.State.Events[0].Line, out var segment).ShouldBeTrue();
        segment.Array!.Length.ShouldBe(line.Length);
    }

    [Fact]
    public void A_full_page_and_a_full_handover_take_little_more_than_their_lines()
    {
        var lines = Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[1300], 200).ToArray();
        Serializer.ToBinary(new EventsCommitted("room", 1, 1, lines)).Length.ShouldBeInRange(260_000, 261_000);
        Serializer.ToBinary(new EventPage("room", 1, 1, "log", 1, lines, 200, true, true, 200, null)).Length.ShouldBeInRange(260_000, 261_000);

        var events = Enumerable.Range(0, 5000).Select(i => new HandedEvent(1, "somebody", $"mid-{i}", 1_700_000_000_000, 0, new byte[200])).ToArray();
        Serializer.ToBinary(new KeepRoom(1, "room", new RoomHandover("log", 1, 5000, events, [], null, []))).Length
            .ShouldBeInRange(1_000_000, 1_250_000);
    }

    private static object ThereAndBack(object message) => Serializer.FromBinary(Serializer.ToBinary(message), Serializer.Manifest(message));

    private static void Same(object message) => SampleMessages.Show(ThereAndBack(message)).ShouldBe(SampleMessages.Show(message));

    private sealed record StrangeOrder : GatewayOrder;

    private sealed record StrangeContent : WriteContent;
}
