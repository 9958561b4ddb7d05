using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClusterChat.Protocol;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ClusterChat.Tests.Protocol;

/// <summary>A string that may stand in a message: any code points but NUL.</summary>
public sealed record AnyText(string Value);

/// <summary>Where FsCheck finds <see cref="AnyText"/>.</summary>
public static class AnyTexts
{
    public static Arbitrary<AnyText> AnyText()
    {
        var codePoint = Gen.OneOf(
            Gen.Choose(0x01, 0x7f),
            Gen.Choose(0x01, 0x1f),
            Gen.Elements('"', '\\', '/', '\u2028', '\u2029', '\u0085', '\ufeff', '\uffff').Select(c => (int)c),
            Gen.Choose(0x80, 0xd7ff),
            Gen.Choose(0xe000, 0xffff),
            Gen.Choose(0x10000, 0x10ffff));
        return codePoint.Select(char.ConvertFromUtf32).ArrayOf().Select(parts => new AnyText(string.Concat(parts))).ToArbitrary();
    }
}

[Properties(Arbitrary = [typeof(AnyTexts)], MaxTest = 1000)]
public sealed class RoundTripProperties
{
    private static readonly JsonSerializerOptions[] Serializers =
    [
        new() { Encoder = JavaScriptEncoder.Default },
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping },
        new() { WriteIndented = true },
    ];

    [Property]
    public void Any_text_survives_from_send_to_the_event(AnyText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var options in Serializers)
        {
            var line = JsonSerializer.SerializeToUtf8Bytes(
                new { room = "l", mid = "m", text = text.Value, data = new Dictionary<string, string> { [text.Value] = text.Value }, t = "send" },
                options);
            var send = Wire.Parser.Parse(line).Request.ShouldBeOfType<SendRequest>();
            send.Text.ShouldBe(text.Value);

            var stored = ServerMessages.MessageEvent("l", 1, "m", "ann", "g:ann", 2, send.Text, null, send.Data.Span);
            stored.ShouldNotContain((byte)'\n');
            var json = Wire.Json(stored);
            json.GetProperty("text").GetString().ShouldBe(text.Value);
            json.GetProperty("data").GetProperty(text.Value).GetString().ShouldBe(text.Value);
            EventLines.TryReadMessage(stored, out _, out var read).ShouldBeTrue();
            read.ShouldBe(text.Value);
        }
    }

    [Property]
    public void Text_costs_its_own_bytes_and_its_escapes(AnyText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var escapes = text.Value.Sum(c => c switch
        {
            '"' or '\\' or '\n' or '\r' or '\t' => 1,
            < ' ' => 5,
            _ => 0,
        });
        var expected = ServerMessages.Notice("").Length + Encoding.UTF8.GetByteCount(text.Value) + escapes;
        ServerMessages.Notice(text.Value).Length.ShouldBe(expected);
    }

    [Property]
    public void Every_string_of_a_server_message_is_read_as_it_was_written(AnyText a, AnyText b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var joined = Wire.Json(ServerMessages.Joined(1, a.Value, b.Value, 5, true, [], false, 2, [a.Value, b.Value]));
        joined.GetProperty("room").GetString().ShouldBe(a.Value);
        joined.GetProperty("log").GetString().ShouldBe(b.Value);
        joined.GetProperty("members").EnumerateArray().Select(m => m.GetString()).ShouldBe([a.Value, b.Value]);
        var error = Wire.Json(ServerMessages.Error(null, new ProtocolError(ErrorCode.Busy, a.Value)));
        error.GetProperty("message").GetString().ShouldBe(a.Value);
    }

    [Property]
    public void Plain_text_has_no_line_ends(AnyText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = Wire.Text(EventLines.PlainText("ann", text.Value));
        plain.IndexOfAny(['\r', '\n', '\v', '\f', '\u0085', '\u2028', '\u2029']).ShouldBe(-1);
    }

    [Property]
    public void Requests_of_any_numbers_are_read_as_they_were_written(PositiveInt id, NonNegativeInt seq, bool escaped)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(seq);
        var limit = seq.Get % 201;
        var line = JsonSerializer.Serialize(
            new { t = "join", room = "방", since = new { seq = seq.Get, log = "L" }, limit, id = id.Get },
            Serializers[escaped ? 0 : 1]);
        Wire.Accepted<JoinRequest>(line).ShouldBe(new JoinRequest(id.Get, "방", new Position("L", seq.Get), limit));
    }
}
