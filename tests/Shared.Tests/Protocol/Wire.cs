using System.Text;
using System.Text.Json;
using ClusterChat.Protocol;

namespace ClusterChat.Tests.Protocol;

/// <summary>Short ways to say a line and to look at what came of it.</summary>
internal static class Wire
{
    public static RequestParser Parser { get; } = new(ProtocolLimits.Default);

    /// <summary>One backslash: keeps escapes of JSON readable in tables, where C# has its own.</summary>
    public const string Backslash = "\\";

    public static ParsedRequest Parse(string line) => Parser.Parse(Encoding.UTF8.GetBytes(line));

    public static T Accepted<T>(string line)
        where T : ClientRequest
    {
        var parsed = Parse(line);
        parsed.Error.ShouldBeNull(line);
        parsed.Fatal.ShouldBeFalse();
        var request = parsed.Request.ShouldBeOfType<T>();
        parsed.Id.ShouldBe(request.Id);
        return request;
    }

    public static ProtocolError Refused(string line, ErrorCode code, long? id)
    {
        var parsed = Parse(line);
        parsed.Request.ShouldBeNull(line);
        parsed.Fatal.ShouldBeFalse(line);
        parsed.Id.ShouldBe(id, line);
        var error = parsed.Error.ShouldNotBeNull(line);
        error.Code.ShouldBe(code, $"{line}: {error.Message}");
        return error;
    }

    public static void Fatal(ReadOnlySpan<byte> line)
    {
        var parsed = Parser.Parse(line);
        parsed.Fatal.ShouldBeTrue(Encoding.UTF8.GetString(line));
        parsed.Request.ShouldBeNull();
        parsed.Id.ShouldBeNull();
        parsed.Error.ShouldNotBeNull().Code.ShouldBe(ErrorCode.BadRequest);
    }

    public static JsonElement Json(ReadOnlySpan<byte> line) => JsonDocument.Parse(line.ToArray()).RootElement;

    public static string Text(ReadOnlySpan<byte> line) => Encoding.UTF8.GetString(line);

    public static ReadOnlyMemory<byte> Bytes(string line) => Encoding.UTF8.GetBytes(line);
}
