using System.Net;
using System.Text.Json;
using ClusterChat.Gateway.Http.Admin;
using ClusterChat.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Gateway.Tests.Http;

/// <summary>Pages of operators among the endpoints for clients: who gets to see them.</summary>
public sealed class OperatorDoorTests
{
    private static readonly (string Key, string Entry) Ops = AdminKeys.Create("ops");
    private readonly OperatorDoor _withKeys = Door(Ops.Entry);
    private readonly OperatorDoor _withoutKeys = Door();

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.8.7", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("203.0.113.7", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData(null, false)]
    public async Task Without_keys_they_are_for_this_machine_alone(string? from, bool sees)
        => (await AskAsync(_withoutKeys, from)).ShouldBe(sees ? (200, null) : (403, "forbidden"));

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Forwarded-For", "")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("X-Original-For", "127.0.0.1:1")]
    public async Task A_proxy_on_this_machine_makes_nobody_of_this_machine(string header, string value)
    {
        (await AskAsync(_withoutKeys, "127.0.0.1", (header, value))).ShouldBe((403, "forbidden"));
        (await AskAsync(_withKeys, "127.0.0.1", (header, value))).ShouldBe((401, "unauthorized"));
        (await AskAsync(_withKeys, "127.0.0.1", (header, value), ("X-Api-Key", Ops.Key))).ShouldBe((200, null));
    }

    [Fact]
    public async Task Elsewhere_a_key_opens_them_and_none_keeps_nobody_out_of_the_admin_api()
    {
        for (var i = 0; i < 100; i++)
            (await AskAsync(_withKeys, "203.0.113.7")).ShouldBe((401, "unauthorized"));
        (await AskAsync(_withKeys, "203.0.113.7", ("X-Api-Key", Ops.Key))).ShouldBe((200, null));
    }

    [Fact]
    public async Task Guesses_are_limited_as_in_the_admin_api()
    {
        var answers = new List<(int, string?)>();
        for (var i = 0; i < 20; i++)
            answers.Add(await AskAsync(_withKeys, "203.0.113.7", ("X-Api-Key", "guess" + i)));
        answers.Count(a => a == (401, "unauthorized")).ShouldBeInRange(10, 12);
        answers[^1].ShouldBe((429, "rate_limited"));
        (await AskAsync(_withKeys, "203.0.113.7", ("X-Api-Key", Ops.Key))).ShouldBe((429, "rate_limited"));
        (await AskAsync(_withKeys, "127.0.0.1")).ShouldBe((200, null));
    }

    private static OperatorDoor Door(params string[] keys)
    {
        var options = new AdminOptions();
        foreach (var key in keys)
            options.Keys.Add(key);
        return new OperatorDoor(AdminKeys.Load(options), new ManualClock(), NullLogger.Instance);
    }

    /// <summary>The status, and the code of a refusal.</summary>
    private static async Task<(int Status, string? Code)> AskAsync(OperatorDoor door, string? from, params (string Name, string Value)[] headers)
    {
        var page = new RouteEndpointBuilder(_ => Task.CompletedTask, RoutePatternFactory.Parse("/metrics"), 0);
        door.Guard(new Conventions(page));
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = from is null ? null : IPAddress.Parse(from);
        foreach (var (name, value) in headers)
            context.Request.Headers[name] = value;
        using var body = new MemoryStream();
        context.Response.Body = body;
        await page.RequestDelegate!(context);
        await context.Response.BodyWriter.FlushAsync();
        using var problem = body.Length == 0 ? null : JsonDocument.Parse(body.ToArray());
        return (context.Response.StatusCode, problem?.RootElement.GetProperty("code").GetString());
    }

    private sealed class Conventions(EndpointBuilder page) : IEndpointConventionBuilder
    {
        public void Add(Action<EndpointBuilder> convention) => convention(page);
    }
}
