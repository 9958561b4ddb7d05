using System.Globalization;
using System.Text;

namespace ClusterChat.Bench;

/// <summary>How to talk to a kind of server, and what to look for in what it sends.</summary>
/// <param name="Path">What to ask for, with the room in it.</param>
/// <param name="Opening">What a member says to be in the room, and what it waits for, step by step.</param>
/// <param name="Message">A message to the room: its number, the time in it, and the padding.</param>
/// <param name="MessageMark">How a delivered message begins.</param>
/// <param name="TextMark">What stands in front of the time in a message.</param>
/// <param name="AckMark">How an ack begins; empty where the own copy of a message is its ack.</param>
/// <param name="KeepAlive">What a silent client says from time to time; null for a WebSocket pong.</param>
internal sealed record Dialect(
    Func<string, string> Path,
    Func<string, string, IReadOnlyList<(string Say, string Expect)>> Opening,
    Func<string, long, long, string, string> Message,
    byte[] MessageMark,
    byte[] TextMark,
    byte[] AckMark,
    string? KeepAlive = null)
{
    /// <summary>What all that is looked for begins with.</summary>
    public static readonly byte[] AnyMark = "{\"t"u8.ToArray();

    public static readonly byte[] ErrorMark = "{\"t\":\"error\""u8.ToArray();

    // Stands for the fields that ClusterChat adds to an event, so that all servers deliver messages of about the same length.
    private const string Event = "\"seq\":123456,\"from\":\"u0\",\"ts\":1700000000000,";

    public static readonly Dialect ClusterChat = new(
        _ => "/ws",
        (name, room) =>
        [
            ($$"""{"id":1,"t":"hello","name":"{{name}}"}""", "\"welcome\""),
            ($$"""{"id":2,"t":"join","room":"{{room}}","limit":0}""", "\"joined\""),
        ],
        (room, number, time, padding) => Invariant($$"""{"id":9,"t":"send","room":"{{room}}","mid":"{{room}}-{{number}}","text":"@{{time}} {{padding}}"}"""),
        "{\"t\":\"msg\""u8.ToArray(),
        "\"text\":\"@"u8.ToArray(),
        "{\"t\":\"ack\""u8.ToArray());

    /// <summary>A text frame goes to everyone in the room as it is.</summary>
    public static readonly Dialect Raw = new(
        room => "/?room=" + room,
        (_, _) => [],
        (room, number, time, padding) => Invariant($$"""{"t":"msg","room":"{{room}}",{{Event}}"mid":"{{room}}-{{number}}","text":"@{{time}} {{padding}}"}"""),
        ClusterChat.MessageMark,
        ClusterChat.TextMark,
        []);

    public static readonly Dialect SignalR = new(
        _ => "/hub",
        (_, room) =>
        [
            ("{\"protocol\":\"json\",\"version\":1}\u001e", "{}"),
            ($"{{\"type\":1,\"invocationId\":\"1\",\"target\":\"Join\",\"arguments\":[\"{room}\"]}}\u001e", "\"invocationId\":\"1\""),
        ],
        (room, number, time, padding) => Invariant(
            $"{{\"type\":1,\"target\":\"Say\",\"arguments\":[\"{room}\",\"@{time} {padding} {room} {Event.Replace('"', ' ')} {number}\"]}}\u001e"),
        "{\"type\":1"u8.ToArray(),
        "[\"@"u8.ToArray(),
        [],
        "{\"type\":6}\u001e");

    /// <summary>
    /// The raw message as the payload of NATS's text protocol. The server puts all that waits for a client into one frame, and
    /// nothing of a frame's or a MSG line's looks like a message, so only the payloads are looked for. Its PING is answered
    /// before it comes.
    /// </summary>
    public static readonly Dialect Nats = Raw with
    {
        Path = _ => "/",
        Opening = (_, room) => [($"CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB {room} 1\r\nPING\r\n", "PONG\r\n")],
        Message = (room, number, time, padding) =>
        {
            var payload = Raw.Message(room, number, time, padding);
            return Invariant($"PUB {room} {payload.Length}\r\n{payload}\r\n");
        },
        KeepAlive = "PONG\r\n",
    };

    public static Dialect Of(ServerKind kind) => kind switch
    {
        ServerKind.ClusterChat => ClusterChat,
        ServerKind.SignalR => SignalR,
        ServerKind.Nats => Nats,
        _ => Raw,
    };

    public byte[] Upgrade(string room) => Encoding.ASCII.GetBytes(
        $"GET {Path(room)} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
