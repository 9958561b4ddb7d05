using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Messages.Codec;

/// <summary>A gateway's messages to rooms, other than writes: see <see cref="WriteCodec"/>.</summary>
internal static class ToRoomCodec
{
    public static Wire.Subscribe Encode(Subscribe m)
    {
        var wire = new Wire.Subscribe { Room = m.Room, Gateway = m.Gateway, Stream = m.Stream, Epoch = m.Epoch };
        wire.Members.Capacity = m.Members.Count;
        foreach (var member in m.Members)
        {
            wire.Members.Add(Encode(member));
        }

        return wire;
    }

    public static Subscribe Decode(Wire.Subscribe wire)
        => new(wire.Room, wire.Gateway, wire.Stream, [.. wire.Members.Select(Decode)], wire.Epoch);

    public static Wire.Unsubscribe Encode(Unsubscribe m) => new() { Room = m.Room, Gateway = m.Gateway, Stream = m.Stream };

    public static Unsubscribe Decode(Wire.Unsubscribe wire) => new(wire.Room, wire.Gateway, wire.Stream);

    public static Wire.Enter Encode(Enter m) => new()
    {
        Room = m.Room,
        Gateway = m.Gateway,
        Stream = m.Stream,
        Request = m.Request,
        Member = m.Member is null ? null : Encode(m.Member),
        Since = m.Since is null ? null : new Wire.Position { Log = m.Since.Log, Seq = m.Since.Seq },
        Limit = m.Limit,
    };

    public static Enter Decode(Wire.Enter wire) => new(
        wire.Room, wire.Gateway, wire.Stream, wire.Request,
        wire.Member is null ? null : Decode(wire.Member),
        wire.Since is null ? null : new Position(wire.Since.Log, wire.Since.Seq),
        wire.Limit);

    public static Wire.Leave Encode(Leave m)
        => new() { Room = m.Room, Gateway = m.Gateway, Stream = m.Stream, Member = Encode(m.Member), MayReturn = m.MayReturn, Request = m.Request };

    public static Leave Decode(Wire.Leave wire) => new(wire.Room, wire.Gateway, wire.Stream, Decode(wire.Member), wire.MayReturn, wire.Request);

    public static Wire.ReadEvents Encode(ReadEvents m) => new()
    {
        Room = m.Room,
        Gateway = m.Gateway,
        Stream = m.Stream,
        Request = m.Request,
        After = m.After,
        Before = m.Before,
        Limit = m.Limit,
        Newest = m.Newest,
    };

    public static ReadEvents Decode(Wire.ReadEvents wire) => new(
        wire.Room, wire.Gateway, wire.Stream, wire.Request, wire.After, wire.Before, wire.Limit, wire.Newest);

    public static Wire.ListMembers Encode(ListMembers m) => new()
    {
        Room = m.Room,
        Gateway = m.Gateway,
        Stream = m.Stream,
        Request = m.Request,
        After = m.After,
        Limit = m.Limit,
    };

    public static ListMembers Decode(Wire.ListMembers wire)
        => new(wire.Room, wire.Gateway, wire.Stream, wire.Request, wire.After, wire.Limit);

    public static Wire.Typing Encode(Typing m) => new() { Room = m.Room, Gateway = m.Gateway, Stream = m.Stream, Name = m.Name, User = m.User };

    public static Typing Decode(Wire.Typing wire) => new(wire.Room, wire.Gateway, wire.Stream, wire.Name, wire.User);

    public static Wire.Member Encode(Member member) => new() { User = member.User, Name = member.Name, Fleeting = member.Fleeting };

    // A member that is all defaults is still sent as a message; a missing one reads as an empty one.
    public static Member Decode(Wire.Member? member) => new(member?.User ?? "", member?.Name ?? "", member?.Fleeting ?? false);
}
