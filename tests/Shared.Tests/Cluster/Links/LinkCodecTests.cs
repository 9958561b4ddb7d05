using System.Buffers;
using System.Runtime.InteropServices;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Codec;
using ClusterChat.Protocol;
using Google.Protobuf;
using LinkWire = ClusterChat.Cluster.Links.Wire;

namespace ClusterChat.Shared.Tests.Cluster.Links;

public sealed class LinkCodecTests
{
    private const int Max = 1 << 20;

    public static TheoryData<string> Kinds => [.. MessageSamples.Kinds().Select(k => k.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_message_survives(string kind)
    {
        var type = MessageSamples.Kinds().Single(k => k.Name == kind);
        for (var seed = 0; seed < 300; seed++)
        {
            var message = new MessageSamples(seed).Link(type);
            MessageSamples.Show(Frames(message).ShouldHaveSingleItem()).ShouldBe(MessageSamples.Show(Named(message)), $"seed {seed}");
        }
    }

    [Fact]
    public void All_kinds_are_known_to_the_test() => MessageSamples.Kinds().Count().ShouldBeGreaterThanOrEqualTo(22);

    [Fact]
    public void Nothing_and_empty_are_told_apart()
    {
        Same(new FromRoomLink(new PresenceChanged("r", 1, null, [], 3)));
        Same(new FromRoomLink(new PresenceChanged("r", 1, [], null, 3)));
        Same(new FromRoomLink(new EventPage("r", 1, 2, "log", 0, [], 0, false, true, 0, null)));
        Same(new FromRoomLink(new EventPage("r", 1, 2, "log", 0, [], 0, false, true, 0, [])));
        Same(new ToRoomLink(1, new Enter("r", "g", 1, 2, null, null, 0)));
        Same(new ToRoomLink(1, new Enter("r", "g", 1, 2, new Member("", ""), new Position("", 0), 0)));
        Same(new ToRoomLink(1, new Write("r", "g", 1, 2, 2, new Member("u", "n"), true, "m", new MessageContent("", null, default))));
        Same(new ToRoomLink(1, new Write("r", "g", 1, 2, 2, new Member("u", "n"), true, "m", new MessageContent("", 0, default))));
        Same(new FromRoomLink(new WritesDone("r", 1, [new WriteDone(1, 0, 0, false, null), new WriteDone(2, 0, 0, true, new ProtocolError(ErrorCode.BadRequest, ""))])));
        Same(new RoomsListedLink(1, null));
        Same(new RoomsListedLink(1, new RoomListing([], false)));
    }

    [Fact]
    public void A_gateway_that_is_the_sender_is_not_repeated()
    {
        var message = new ToRoomLink(1, new Typing("room", "gateway/1", 1, "ann"));
        LinkCodec.Encode(message, "gateway/1").ToRoom.Gateway.ShouldBeEmpty();
        LinkCodec.Decode(LinkCodec.Encode(message, "gateway/1"), "gateway/1").ShouldBe(message);
        LinkCodec.Decode(LinkCodec.Encode(message, "other/1"), "other/1").ShouldBe(message);
    }

    [Fact]
    public void Lines_are_not_copied_into_the_envelope()
    {
        var line = "{\"t\":\"msg\"}"u8.ToArray();
        var envelope = LinkCodec.Encode(new FromRoomLink(new EventsCommitted("r", 1, 1, [line])), "n/1");
        MemoryMarshal.TryGetArray(envelope.FromRoom.EventsCommitted.Lines[0].Memory, out var segment).ShouldBeTrue();
        segment.Array.ShouldBeSameAs(line);
    }

    [Fact]
    public void What_a_later_version_says_is_skipped_and_its_further_fields_are_not_seen()
    {
        var known = LinkCodec.Encode(new NotOwnerLink("room", 7, 9), "n/1").ToByteArray();
        byte[] furtherField = [0xFA, 0x3E, 3, 1, 2, 3];                 // field 1007, three bytes
        byte[] unknownKind = [0xFA, 0x3E, 2, 8, 1];                     // an envelope with nothing but such a field
        byte[] unknownCase = [0x12, 8, 0x0A, 1, (byte)'r', 0xFA, 0x3E, 2, 8, 1]; // FromRoom: room "r", an unknown case
        byte[] body = [.. Envelope([.. known, .. furtherField]), .. Envelope(unknownKind), .. Envelope(unknownCase), .. furtherField, .. Envelope(known)];
        var sequence = new ReadOnlySequence<byte>([0, 0, 0, (byte)body.Length, .. body]);

        FrameReader.TryRead(ref sequence, Max, out var batch).ShouldBeTrue();

        batch.Envelopes.Select(e => LinkCodec.Decode(e, "n/1"))
            .ShouldBe([new NotOwnerLink("room", 7, 9), null, null, new NotOwnerLink("room", 7, 9)]);
        static byte[] Envelope(byte[] bytes) => [0x0A, (byte)bytes.Length, .. bytes];
    }

    [Fact]
    public void A_write_with_a_content_of_a_later_version_is_skipped()
    {
        var wire = new LinkWire.Envelope { ToRoom = new LinkWire.ToRoom { Room = "r", Write = new LinkWire.Write { Number = 1 } } };
        LinkCodec.Decode(wire, "n/1").ShouldBeNull();
    }

    [Fact]
    public void An_error_of_a_later_version_is_a_lasting_refusal()
    {
        var error = new LinkWire.Error { Code = (LinkWire.ErrorCode)999, Message = "why" };
        var wire = new LinkWire.Envelope { FromRoom = new LinkWire.FromRoom { Refused = new LinkWire.Refused { Error = error } } };
        var refused = LinkCodec.Decode(wire, "n/1").ShouldBeOfType<FromRoomLink>().Message.ShouldBeOfType<Refused>();
        refused.Error.Message.ShouldBe("why");
        ErrorCodes.IsTemporary(refused.Error.Code).ShouldBeFalse();
    }

    [Fact]
    public void Every_error_code_has_its_own_number()
    {
        foreach (var code in Enum.GetValues<ErrorCode>())
        {
            Same(new FromRoomLink(new Refused("r", 1, 2, new ProtocolError(code, "m", 5))));
        }
    }

    private static void Same(LinkMessage message) =>
        MessageSamples.Show(Frames(message).ShouldHaveSingleItem()).ShouldBe(MessageSamples.Show(message));

    // An empty gateway stands for the sender; there is none in practice.
    private static LinkMessage Named(LinkMessage message) => message is ToRoomLink { Message.Gateway: "" } link
        ? link with { Message = link.Message with { Gateway = "n/1" } }
        : message;

    private static List<LinkMessage?> Frames(params LinkMessage[] messages)
    {
        var writer = new FrameWriter("n/1", Max);
        foreach (var message in messages)
        {
            writer.Add(message).ShouldBeTrue();
        }

        writer.EndFrame();
        var sequence = new ReadOnlySequence<byte>(writer.Written);
        var read = new List<LinkMessage?>();
        while (FrameReader.TryRead(ref sequence, Max, out var batch))
        {
            read.AddRange(batch.Envelopes.Select(e => LinkCodec.Decode(e, "n/1")));
        }

        sequence.IsEmpty.ShouldBeTrue();
        return read;
    }
}
