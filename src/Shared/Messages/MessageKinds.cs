using System.Collections.Frozen;
using ClusterChat.Cluster;
using ClusterChat.Messages.Codec;

namespace ClusterChat.Messages;

/// <summary>
/// All kinds of messages between nodes. A manifest stands for its kind for ever: it is never given to another one, also when
/// its own is gone (then it stays here in a comment). To rooms in capitals, from rooms in small letters, the rest in two; several in one with an S.
/// </summary>
internal static class MessageKinds
{
    private static readonly MessageKind[] All =
    [
        MessageKind.Of<Subscribe, Wire.Subscribe>("S", ToRoomCodec.Encode, Wire.Subscribe.Parser, ToRoomCodec.Decode),
        MessageKind.Of<Unsubscribe, Wire.Unsubscribe>("U", ToRoomCodec.Encode, Wire.Unsubscribe.Parser, ToRoomCodec.Decode),
        MessageKind.Of<Enter, Wire.Enter>("E", ToRoomCodec.Encode, Wire.Enter.Parser, ToRoomCodec.Decode),
        MessageKind.Of<Leave, Wire.Leave>("L", ToRoomCodec.Encode, Wire.Leave.Parser, ToRoomCodec.Decode),
        MessageKind.ByHand<Write>("W", WriteCodec.Encode, WriteCodec.Decode),
        MessageKind.ByHand<Writes>("WS", WriteCodec.Encode, WriteCodec.DecodeAll),
        MessageKind.Of<ReadEvents, Wire.ReadEvents>("R", ToRoomCodec.Encode, Wire.ReadEvents.Parser, ToRoomCodec.Decode),
        MessageKind.Of<ListMembers, Wire.ListMembers>("M", ToRoomCodec.Encode, Wire.ListMembers.Parser, ToRoomCodec.Decode),
        MessageKind.Of<Typing, Wire.Typing>("T", ToRoomCodec.Encode, Wire.Typing.Parser, ToRoomCodec.Decode),

        MessageKind.Of<Subscribed, Wire.Subscribed>("s", FromRoomCodec.Encode, Wire.Subscribed.Parser, FromRoomCodec.Decode),
        MessageKind.Of<StreamEnded, Wire.StreamEnded>("x", FromRoomCodec.Encode, Wire.StreamEnded.Parser, FromRoomCodec.Decode),
        MessageKind.ByHand<EventsCommitted>("e", EventsCommittedCodec.Encode, EventsCommittedCodec.Decode),
        MessageKind.Of<WritesDone, Wire.WritesDone>("w", FromRoomCodec.Encode, Wire.WritesDone.Parser, FromRoomCodec.Decode),
        MessageKind.Of<EventPage, Wire.EventPage>("p", FromRoomCodec.Encode, Wire.EventPage.Parser, FromRoomCodec.Decode),
        MessageKind.Of<MemberPage, Wire.MemberPage>("m", FromRoomCodec.Encode, Wire.MemberPage.Parser, FromRoomCodec.Decode),
        MessageKind.Of<Left, Wire.Left>("l", FromRoomCodec.Encode, Wire.Left.Parser, FromRoomCodec.Decode),
        MessageKind.Of<Refused, Wire.Refused>("r", FromRoomCodec.Encode, Wire.Refused.Parser, FromRoomCodec.Decode),
        MessageKind.Of<PresenceChanged, Wire.PresenceChanged>("c", FromRoomCodec.Encode, Wire.PresenceChanged.Parser, FromRoomCodec.Decode),
        MessageKind.Of<TypingNoticed, Wire.TypingNoticed>("t", FromRoomCodec.Encode, Wire.TypingNoticed.Parser, FromRoomCodec.Decode),

        MessageKind.Of<HeadsRepeated, Wire.HeadsRepeated>("HR", NodeCodec.Encode, Wire.HeadsRepeated.Parser, NodeCodec.Decode),
        MessageKind.Of<FlowMark, Wire.FlowMark>("FM", NodeCodec.Encode, Wire.FlowMark.Parser, NodeCodec.Decode),
        MessageKind.Of<FlowConfirmed, Wire.FlowConfirmed>("FC", NodeCodec.Encode, Wire.FlowConfirmed.Parser, NodeCodec.Decode),
        MessageKind.Of<ListRooms, Wire.ListRooms>("LR", NodeCodec.Encode, Wire.ListRooms.Parser, NodeCodec.Decode),
        MessageKind.Of<RoomsListed, Wire.RoomsListed>("RL", NodeCodec.Encode, Wire.RoomsListed.Parser, NodeCodec.Decode),
        MessageKind.Of<OrderGateway, Wire.OrderGateway>("OG", OrderCodec.Encode, Wire.OrderGateway.Parser, OrderCodec.Decode),
        MessageKind.Of<GatewayReported, Wire.GatewayReported>("GR", OrderCodec.Encode, Wire.GatewayReported.Parser, OrderCodec.Decode),
        MessageKind.Of<KeepRoom, Wire.KeepRoom>("KR", HandoverCodec.Encode, Wire.KeepRoom.Parser, HandoverCodec.Decode),
        MessageKind.Of<Draining, Wire.Draining>("DR", NodeCodec.Encode, Wire.Draining.Parser, NodeCodec.Decode),
        MessageKind.Of<RoomKept, Wire.RoomKept>("RK", NodeCodec.Encode, Wire.RoomKept.Parser, NodeCodec.Decode),
    ];

    /// <summary>The kinds by the exact types of their messages.</summary>
    public static FrozenDictionary<Type, MessageKind> ByType { get; } = All.ToFrozenDictionary(k => k.Type);

    /// <summary>The kinds by their manifests.</summary>
    public static FrozenDictionary<string, MessageKind> ByManifest { get; } = All.ToFrozenDictionary(k => k.Manifest, StringComparer.Ordinal);
}
