using System.Globalization;
using System.Text;
using ClusterChat.Cluster;
using ClusterChat.RoomActors.Journal;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.RoomActors.Tests;

/// <summary>Makes what tests are about, with everything else filled in.</summary>
internal static class Make
{
    public const string Room = "lobby";

    public static RoomLimits Limits(
        int tailEvents = 1000, int tailBytes = int.MaxValue, bool tailIsAll = false, int midWindow = 10_000, TimeSpan? midAge = null)
        => new(tailEvents, tailBytes, tailIsAll, midWindow, midAge);

    public static OpenedRoom Opened(long head = 0, long first = 1, params IReadOnlyList<StoredEvent> tail)
        => new(1, "log", head, first, tail);

    public static RoomState State(RoomLimits? limits = null, params IReadOnlyList<StoredEvent> events)
    {
        var state = new RoomState(Room, Opened(), limits ?? Limits());
        foreach (var @event in events)
            state.Apply(@event);
        return state;
    }

    public static Member Member(string user, string? name = null) => new(user, name ?? user);

    public static Write Write(
        string author, string mid, string text = "hi", long? reply = null, long number = 1, long previous = 0, string gateway = "gw", long stream = 1)
        => new(Room, gateway, stream, number, previous, Member(author), Visitor: false, mid, new MessageContent(text, reply, default));

    public static StoredEvent Event(long seq, string author = "ann", string? mid = null, long ts = 0, int bytes = 10)
        => new(seq, EventKind.Message, author, mid ?? "m" + seq.ToString(CultureInfo.InvariantCulture), ts, 0, new byte[bytes]);

    /// <summary>The result of a call of <see cref="ClusterChat.TestKit.InMemoryJournal"/>, which is complete at once.</summary>
    public static T Completed<T>(ValueTask<T> call)
    {
        call.IsCompletedSuccessfully.ShouldBeTrue();
        return call.GetAwaiter().GetResult();
    }

    public static string Show(StoredEvent e)
        => string.Create(CultureInfo.InvariantCulture, $"{e.Seq} {e.Kind} {e.Author} {e.Mid} {e.Ts} {e.Of} {Text(e.Line)}");

    public static string Text(ReadOnlyMemory<byte> line) => Encoding.UTF8.GetString(line.Span);
}
