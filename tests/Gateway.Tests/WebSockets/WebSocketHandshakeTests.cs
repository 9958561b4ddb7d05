using System.Text.Json;
using ClusterChat.Gateway.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ClusterChat.Gateway.Tests.WebSockets;

public sealed class WebSocketHandshakeTests
{
    [Fact]
    public void The_accept_value_is_that_of_the_RFC()
    {
        WebSocketHandshake.AcceptValue("dGhlIHNhbXBsZSBub25jZQ==").ShouldBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    [Theory]
    [InlineData("websocket", "Upgrade")]
    [InlineData("WebSocket", "keep-alive, Upgrade")]
    [InlineData("h2c, websocket", "upgrade")]
    public async Task A_proper_request_is_upgraded(string upgrade, string connection)
    {
        var (context, feature) = Request(("Upgrade", upgrade), ("Connection", connection));

        (await WebSocketHandshake.AcceptAsync(context))!.Stream.ShouldBeSameAs(feature.Upgraded);

        context.Response.Headers.SecWebSocketAccept.ToString().ShouldBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        context.Response.Headers.Upgrade.ToString().ShouldBe("websocket");
        context.Response.Headers.Connection.ToString().ShouldBe("Upgrade");
        context.Response.Headers.SecWebSocketProtocol.Count.ShouldBe(0);
        context.Response.Headers.SecWebSocketExtensions.Count.ShouldBe(0);
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize.ShouldBeNull();
    }

    [Theory]
    [InlineData("clusterchat.v1", true)]
    [InlineData("chat, clusterchat.v1", true)]
    [InlineData("ClusterChat.v1", false)]
    [InlineData("clusterchat.v2", false)]
    public async Task Our_subprotocol_is_echoed_when_offered(string offered, bool echoed)
    {
        var (context, _) = Request(("Sec-WebSocket-Protocol", offered), ("Sec-WebSocket-Extensions", "permessage-deflate"));

        (await WebSocketHandshake.AcceptAsync(context)).ShouldNotBeNull();

        context.Response.Headers.SecWebSocketProtocol.ToString().ShouldBe(echoed ? "clusterchat.v1" : "");
        context.Response.Headers.SecWebSocketExtensions.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("Upgrade", null, 426)]
    [InlineData("Upgrade", "h2c", 426)]
    [InlineData("Connection", "close", 426)]
    [InlineData("Sec-WebSocket-Version", null, 426)]
    [InlineData("Sec-WebSocket-Version", "8", 426)]
    [InlineData("Sec-WebSocket-Key", null, 400)]
    [InlineData("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ", 400)]
    [InlineData("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQA=", 400)]
    [InlineData("Sec-WebSocket-Key", "!GhlIHNhbXBsZSBub25jZQ==", 400)]
    [InlineData(":method", "POST", 400)]
    public async Task An_improper_request_is_answered_with_a_problem(string header, string? value, int status)
    {
        var (context, feature) = Request((header, value));
        using var body = new MemoryStream();
        context.Response.Body = body;

        (await WebSocketHandshake.AcceptAsync(context)).ShouldBeNull();

        context.Response.StatusCode.ShouldBe(status);
        feature.WasUpgraded.ShouldBeFalse();
        context.Response.ContentType.ShouldBe("application/problem+json");
        var problem = JsonDocument.Parse(body.ToArray()).RootElement;
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        problem.GetProperty("code").GetString().ShouldBe("bad_request");
        context.Response.Headers.SecWebSocketVersion.ToString().ShouldBe(status == 426 ? "13" : "");
    }

    [Fact]
    public async Task A_connection_that_cannot_be_upgraded_is_answered_400()
    {
        var (context, feature) = Request();
        feature.IsUpgradableRequest = false;

        (await WebSocketHandshake.AcceptAsync(context)).ShouldBeNull();

        context.Response.StatusCode.ShouldBe(400);
    }

    private static (DefaultHttpContext Context, FakeUpgrade Feature) Request(params (string Name, string? Value)[] changes)
    {
        var context = new DefaultHttpContext();
        var feature = new FakeUpgrade();
        context.Features.Set<IHttpUpgradeFeature>(feature);
        context.Features.Set<IHttpMaxRequestBodySizeFeature>(feature);
        context.Request.Method = "GET";
        context.Request.Protocol = "HTTP/1.1";
        var headers = context.Request.Headers;
        headers.Upgrade = "websocket";
        headers.Connection = "Upgrade";
        headers.SecWebSocketVersion = "13";
        headers.SecWebSocketKey = "dGhlIHNhbXBsZSBub25jZQ==";
        foreach (var (name, value) in changes)
        {
            if (name == ":method")
            {
                context.Request.Method = value!;
            }
            else
            {
                headers[name] = value;
            }
        }

        return (context, feature);
    }

    private sealed class FakeUpgrade : IHttpUpgradeFeature, IHttpMaxRequestBodySizeFeature
    {
        public Stream Upgraded { get; } = new MemoryStream();

        public bool WasUpgraded { get; private set; }

        public bool IsUpgradableRequest { get; set; } = true;

        public bool IsReadOnly => false;

        public long? MaxRequestBodySize { get; set; } = 30_000_000;

        public Task<Stream> UpgradeAsync()
        {
            WasUpgraded = true;
            return Task.FromResult(Upgraded);
        }
    }
}
