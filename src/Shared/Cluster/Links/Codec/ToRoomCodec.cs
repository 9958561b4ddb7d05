using ClusterChat.Protocol;
using Google.Protobuf;

namespace ClusterChat.Cluster.Links.Codec;

/// <summary>A gateway's messages to rooms.</summary>
internal static class ToRoomCodec
{
    public static Wire.ToRoom Encode(ToRoomLink link, string self)
    {
        var message = link.Message;
        var wire = new Wire.ToRoom
        {
            View = link.View,
            Room = message.Room,
            Gateway = message.Gateway == self ? "" : message.Gateway,
            Stream = message.Stream,
        };
        switch (message)
        {
            case Subscribe m:
                wire.Subscribe = new Wire.Subscribe { Epoch = m.Epoch };
                foreach (var member in m.Members)
                {
                    wire.Subscribe.Members.Add(Encode(member));
                }

                break;
            case Unsubscribe:
                wire.Unsubscribe = new Wire.Unsubscribe();
                break;
            case Enter m:
                wire.Enter = new Wire.Enter
                {
                    Request = m.Request,
                    Member = m.Member is null ? null : Encode(m.Member),
                    Since = m.Since is null ? null : new Wire.Position { Log = m.Since.Log, Seq = m.Since.Seq },
                    Limit = m.Limit,
                };
                break;
            case Leave m:
                wire.Leave = new Wire.Leave { Member = Encode(m.Member) };
                break;
            case Write m:
                wire.Write = Encode(m);
                break;
            case ReadEvents m:
                wire.ReadEvents = new Wire.ReadEvents
                {
                    Request = m.Request,
                    After = m.After,
                    Before = m.Before,
                    Limit = m.Limit,
                    Newest = m.Newest,
                };
                break;
            case ListMembers m:
                wire.ListMembers = new Wire.ListMembers { Request = m.Request, After = m.After, Limit = m.Limit };
                break;
            case Typing m:
                wire.Typing = new Wire.Typing { Name = m.Name };
                break;
            default:
                throw new ArgumentException($"There is no wire form of {message.GetType().Name}.", nameof(link));
        }

        return wire;
    }

    /// <returns>Null: not a message that this version knows.</returns>
    public static ToRoomLink? Decode(Wire.ToRoom wire, string sender)
    {
        var gateway = wire.Gateway.Length == 0 ? sender : wire.Gateway;
        ToRoom? message = wire.KindCase switch
        {
            Wire.ToRoom.KindOneofCase.Subscribe =>
                new Subscribe(wire.Room, gateway, wire.Stream, [.. wire.Subscribe.Members.Select(Decode)], wire.Subscribe.Epoch),
            Wire.ToRoom.KindOneofCase.Unsubscribe => new Unsubscribe(wire.Room, gateway, wire.Stream),
            Wire.ToRoom.KindOneofCase.Enter => new Enter(
                wire.Room, gateway, wire.Stream, wire.Enter.Request,
                wire.Enter.Member is null ? null : Decode(wire.Enter.Member),
                wire.Enter.Since is null ? null : new Position(wire.Enter.Since.Log, wire.Enter.Since.Seq),
                wire.Enter.Limit),
            Wire.ToRoom.KindOneofCase.Leave => new Leave(wire.Room, gateway, wire.Stream, Decode(wire.Leave.Member)),
            Wire.ToRoom.KindOneofCase.Write => DecodeWrite(wire, gateway),
            Wire.ToRoom.KindOneofCase.ReadEvents => new ReadEvents(
                wire.Room, gateway, wire.Stream, wire.ReadEvents.Request, wire.ReadEvents.After, wire.ReadEvents.Before,
                wire.ReadEvents.Limit, wire.ReadEvents.Newest),
            Wire.ToRoom.KindOneofCase.ListMembers => new ListMembers(
                wire.Room, gateway, wire.Stream, wire.ListMembers.Request, wire.ListMembers.After, wire.ListMembers.Limit),
            Wire.ToRoom.KindOneofCase.Typing => new Typing(wire.Room, gateway, wire.Stream, wire.Typing.Name),
            _ => null,
        };
        return message is null ? null : new ToRoomLink(wire.View, message);
    }

    private static Wire.Write Encode(Write write)
    {
        var wire = new Wire.Write
        {
            Number = write.Number,
            Previous = write.Previous,
            Author = Encode(write.Author),
            Visitor = write.Visitor,
            Mid = write.Mid,
            Trace = write.Trace is null ? null : TraceCodec.Encode(write.Trace),
        };
        if (write.Content is not MessageContent content)
            throw new ArgumentException($"There is no wire form of {write.Content.GetType().Name}.", nameof(write));
        wire.Message = new Wire.MessageContent
        {
            Text = content.Text,
            Data = UnsafeByteOperations.UnsafeWrap(content.Data),
        };
        if (content.Reply is { } reply)
            wire.Message.Reply = reply;
        return wire;
    }

    private static Write? DecodeWrite(Wire.ToRoom wire, string gateway)
    {
        var write = wire.Write;
        if (write.ContentCase != Wire.Write.ContentOneofCase.Message)
            return null;
        var content = new MessageContent(
            write.Message.Text, write.Message.HasReply ? write.Message.Reply : null, write.Message.Data.Memory);
        return new Write(
            wire.Room, gateway, wire.Stream, write.Number, write.Previous, Decode(write.Author), write.Visitor, write.Mid, content)
        {
            Trace = TraceCodec.Decode(write.Trace),
        };
    }

    public static Wire.Member Encode(Member member) => new() { User = member.User, Name = member.Name };

    // A member that is all defaults is still sent as a message; a missing one reads as an empty one.
    public static Member Decode(Wire.Member? member) => new(member?.User ?? "", member?.Name ?? "");
}
