using System.Text;
using ClusterChat.Gateway.WebSockets;

namespace ClusterChat.Gateway.Tests.WebSockets;

/// <summary>A reader's finding, kept beyond the next call. The payload is one character a byte.</summary>
internal sealed record Seen(FrameEventKind Kind, string Payload = "", int CloseCode = 0, string Reason = "")
{
    public const int Limit = 64 * 1024;

    public static Seen Text(string text) => new(FrameEventKind.Text, Raw(text));

    public static Seen Ping(string payload = "") => new(FrameEventKind.Ping, Raw(payload));

    public static Seen Pong(string payload = "") => new(FrameEventKind.Pong, Raw(payload));

    public static Seen Close(int code, string reason = "") => new(FrameEventKind.Close, Raw(reason), code);

    public static Seen Violation(string reason) => new(FrameEventKind.Violation, Reason: reason);

    public static Seen Binary() => new(FrameEventKind.Binary);

    /// <summary>What a reader finds in the bytes, given in pieces of the sizes, the last of which repeats.</summary>
    public static List<Seen> In(byte[] bytes, params int[] pieces)
    {
        using var reader = new FrameReader(Limit);
        var seen = new List<Seen>();
        var at = 0;
        for (var i = 0; at < bytes.Length; i++)
        {
            var size = pieces.Length == 0 ? bytes.Length : pieces[Math.Min(i, pieces.Length - 1)];
            var end = Math.Min(bytes.Length, at + size);

            // A copy: the reader unmasks in place.
            var input = bytes[at..end].AsMemory();
            seen.AddRange(Drain(reader, ref input));
            at = end;
        }

        return seen;
    }

    public static List<Seen> Drain(FrameReader reader, ref Memory<byte> input)
    {
        var seen = new List<Seen>();
        for (var found = reader.Read(ref input); found.Kind != FrameEventKind.None; found = reader.Read(ref input))
        {
            seen.Add(new Seen(found.Kind, Encoding.Latin1.GetString(found.Payload.Span), found.CloseCode, found.Reason));
        }

        input.IsEmpty.ShouldBeTrue();
        return seen;
    }

    private static string Raw(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
