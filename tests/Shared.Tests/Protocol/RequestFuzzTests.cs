using System.Text;
using System.Text.Json;
using ClusterChat.Protocol;

namespace ClusterChat.Tests.Protocol;

/// <summary>Whatever comes in: nothing is thrown, and what is accepted keeps the rules.</summary>
public sealed class RequestFuzzTests
{
    private static readonly byte[][] Seeds = new[]
    {
        """{"id":1,"t":"hello","name":"ann","session":"9f","token":"a.b"}""",
        """{"id":2,"t":"join","room":"lobby","since":{"log":"L1","seq":41},"limit":7}""",
        """{"id":3,"t":"send","room":"방","mid":"4b","text":"hi \ud83d\udc4d 👍 \n","reply":4,"data":{"a":[1.5e3,{"b":null}],"c":"\u00e9"}}""",
        """{"id":7,"t":"history","room":"lobby","before":45,"limit":50}""",
        """{"id":8,"t":"members","room":"lobby","after":"bob","limit":200}""",
        """{"id":9,"t":"rooms","prefix":"lo","after":"","limit":50}""",
        """{"t":"typing","room":"lobby","x":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}""",
        """{"id":11,"t":"ping"}""",
    }.Select(Encoding.UTF8.GetBytes).ToArray();

    private static readonly byte[][] Pieces = new[]
    {
        "\"", "\\", "\\u0000", "\\ud800", "\\udc00", "\\u", "{", "}", "[", "]", ",", ":", "-", "0", "9", "e5", ".", "null", "true",
        "\n", "\0", " ", "\"id\":", "\"t\":", "\"data\":", "\"since\":", "\"text\":\"\"", "99999999999999999999", "\u202e", "e\u0301", "[[[[[[[[[[[[[[[[",
    }.Select(Encoding.UTF8.GetBytes).ToArray();

    [Fact]
    public void Random_bytes_are_never_accepted_and_never_throw()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var line = new byte[random.Next(80)];
            random.NextBytes(line);
            Wire.Parser.Parse(line).Fatal.ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_requests_never_throw_and_what_is_accepted_keeps_the_rules(int seed)
    {
        var random = new Random(seed);
        var accepted = 0;
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var line = Mutate(Seeds[random.Next(Seeds.Length)], random);
            var parsed = Wire.Parser.Parse(line);
            CheckShape(parsed, line);
            if (parsed.Request is { } request)
            {
                accepted++;
                CheckRules(request);
            }
            else if (!parsed.Fatal)
            {
                refused++;
            }
        }

        // Otherwise the mutations are so coarse that they test nothing but the reader of JSON.
        accepted.ShouldBeGreaterThan(500);
        refused.ShouldBeGreaterThan(500);
    }

    [Fact]
    public void Every_prefix_of_a_request_is_refused()
    {
        foreach (var seed in Seeds)
        {
            for (var length = 0; length < seed.Length; length++)
                Wire.Parser.Parse(seed.AsSpan(0, length)).Fatal.ShouldBeTrue();
        }
    }

    [Fact]
    public void Random_bytes_are_never_read_as_a_message()
    {
        var random = new Random(4);
        var line = ServerMessages.MessageEvent("lobby", 1, "m", "ann", "g:ann", 2, "hi \n", 1, "{\"a\":[1]}"u8);
        for (var i = 0; i < 20_000; i++)
            Should.NotThrow(() => EventLines.TryReadMessage(Mutate(line, random), out _, out _));
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var line = original.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(line.Count + 1);
            var length = random.Next(1 + Math.Min(8, line.Count - at));
            switch (random.Next(6))
            {
                case 0 when at < line.Count:
                    line[at] = (byte)random.Next(256);
                    break;
                case 1 when at < line.Count:
                    line[at] = (byte)random.Next(0x20, 0x7f);
                    break;
                case 2:
                    line.RemoveRange(at, length);
                    break;
                case 3:
                    line.InsertRange(random.Next(line.Count + 1), line.GetRange(at, length));
                    break;
                default:
                    line.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
            }
        }

        return [.. line];
    }

    private static void CheckShape(ParsedRequest parsed, byte[] line)
    {
        (parsed.Request is null).ShouldBe(parsed.Error is not null);
        if (parsed.Fatal)
            parsed.Id.ShouldBeNull();
        if (parsed.Id is { } id)
            id.ShouldBeInRange(1, ProtocolLimits.MaxInteger);
        if (parsed.Request is null)
            return;
        parsed.Request.Id.ShouldBe(parsed.Id);
        using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 16 });
        document.RootElement.ValueKind.ShouldBe(JsonValueKind.Object);
    }

    private static void CheckRules(ClientRequest request)
    {
        switch (request)
        {
            case HelloRequest hello:
                if (hello.Name is { } name)
                {
                    UserNames.Check(name, out var kept).ShouldBeNull();
                    kept.ShouldBe(name);
                }

                break;
            case JoinRequest join:
                Rules.CheckRoomName(join.Room).ShouldBeNull();
                join.Limit.ShouldBeInRange(0, 200);
                if (join.Since is { } since)
                    Position.TryParse(since.ToString(), out _).ShouldBeTrue();
                break;
            case SendRequest send:
                CheckSend(send);
                break;
            case HistoryRequest history:
                Rules.CheckRoomName(history.Room).ShouldBeNull();
                history.Limit.ShouldBeInRange(1, 200);
                history.Before.ShouldBeGreaterThan(0);
                break;
            case MembersRequest members:
                Rules.CheckRoomName(members.Room).ShouldBeNull();
                members.Limit.ShouldBeInRange(1, 200);
                break;
            case RoomsRequest rooms:
                rooms.Limit.ShouldBeInRange(1, 200);
                break;
            case TypingRequest typing:
                Rules.CheckRoomName(typing.Room).ShouldBeNull();
                break;
            default:
                request.ShouldBeOfType<PingRequest>();
                break;
        }
    }

    private static void CheckSend(SendRequest send)
    {
        Rules.CheckRoomName(send.Room).ShouldBeNull();
        Rules.CheckMid(send.Mid).ShouldBeNull();
        Rules.CheckText(send.Text, send.Data.Length > 0).ShouldBeNull();
        if (send.Reply is { } reply)
            reply.ShouldBeInRange(1, ProtocolLimits.MaxInteger);
        var stored = ServerMessages.MessageEvent(send.Room, 1, send.Mid, "ann", "g:ann", 2, send.Text, send.Reply, send.Data.Span);
        stored.ShouldNotContain((byte)'\n');
        var json = Wire.Json(stored);
        json.GetProperty("text").GetString().ShouldBe(send.Text);
        if (send.Data.Length > 0)
            json.GetProperty("data").ValueKind.ShouldBe(JsonValueKind.Object);
    }
}
