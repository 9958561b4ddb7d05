using System.Net;
using System.Text;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Abuse;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Http;
using ClusterChat.Gateway.Identity;
using ClusterChat.TestKit.Abuse;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ClusterChat.Gateway.Tests.Abuse;

/// <summary>Blocks and connections, in virtual time.</summary>
public sealed class BlockedConnectionTests : IDisposable
{
    private readonly InMemoryBlockStore _store = new();
    private readonly ConnectionWorld _world;

    public BlockedConnectionTests()
    {
        _world = new ConnectionWorld(blocks: _store);
        Apply();
    }

    public void Dispose() => _world.Dispose();

    private long Now => _world.Simulation.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public void A_block_ends_the_connections_that_it_meets_and_no_others_and_says_why_and_until_when()
    {
        var ann = _world.Hello("ann");
        var bob = _world.Hello("bob");
        var silent = _world.OpenJson();

        Put(BlockKind.User, "ann", Now + 3_600_000, "spam");
        Apply().ShouldBe(1);

        ann.Transport.Wire[^1].ShouldBe("close 3503 blocked by an administrator until 2028-03-01T00:30:00Z: spam");
        bob.Closed.ShouldBeNull();
        silent.Closed.ShouldBeNull();
    }

    [Fact]
    public void A_user_who_is_kept_out_is_closed_with_3503_at_hello_until_the_time_is_over()
    {
        Put(BlockKind.User, "ann", Now + 60_000);
        Apply();
        var refused = _world.OpenJson().Send("""{"id":1,"t":"hello","name":"ann"}""");
        refused.Closed.ShouldBe("3503");
        refused.Types.ShouldBeEmpty();

        _world.RunFor(TimeSpan.FromSeconds(60));
        _world.Hello("ann").Closed.ShouldBeNull();
    }

    [Fact]
    public void An_address_ends_who_has_said_hello_and_who_has_not_and_a_network_all_in_it()
    {
        var ann = _world.Hello("ann", address: "203.0.113.7");
        var silent = _world.OpenJson(address: "203.0.113.8");
        var bob = _world.Hello("bob", address: "203.0.114.7");

        Put(BlockKind.Address, "203.0.113.0/24");
        Apply().ShouldBe(2);

        ann.Closed.ShouldBe("3503");
        silent.Closed.ShouldBe("3503");
        bob.Closed.ShouldBeNull();
    }

    [Fact]
    public void Who_was_judged_before_the_block_and_comes_in_after_it_is_ended_within_a_second()
    {
        var who = _world.Services.Authenticator.Admit("ann").Identity!;
        Put(BlockKind.Session, who.SessionId!);
        Apply().ShouldBe(0);

        var transport = new FakeTransport();
        var late = new TestConnection(_world, transport, _world.Registry.OpenPlain(transport, "lobby", who));
        _world.RunFor(TimeSpan.FromSeconds(1));
        late.Closed.ShouldBe("3503");
    }

    [Fact]
    public void A_session_that_was_ended_is_closed_and_whoever_shows_it_is_a_new_guest()
    {
        var ann = _world.OpenJson().Send("""{"id":1,"t":"hello","name":"ann"}""");
        var session = ann.Json().Single().GetProperty("session").GetString()!;
        var who = ann.Connection.Who!;
        var bob = _world.Hello("bob");

        Put(BlockKind.EndedSession, who.SessionId!);
        Apply().ShouldBe(1);
        ann.Transport.Wire[^1].ShouldBe("close 3503 the session was ended by an administrator");
        bob.Closed.ShouldBeNull();

        var again = _world.OpenJson().Send($$"""{"id":1,"t":"hello","name":"ann","session":"{{session}}"}""");
        var given = again.Json().Single();
        given.GetProperty("t").GetString().ShouldBe("welcome");
        given.GetProperty("session").GetString().ShouldNotBe(session);
        again.Connection.Who!.Member.User.ShouldNotBe(who.Member.User);
        again.Connection.Who.IsNew.ShouldBeTrue();
    }

    [Fact]
    public void While_the_store_is_away_the_last_list_stays_in_force_and_no_order_is_carried_out()
    {
        Put(BlockKind.User, "ann");
        Apply();
        _store.IsAway = true;
        _world.Services.KeptOut.ReadAsync().IsFaulted.ShouldBeTrue();
        _world.OpenJson().Send("""{"id":1,"t":"hello","name":"ann"}""").Closed.ShouldBe("3503");
        Operator.ExecuteAsync(new ApplyBlocks()).IsFaulted.ShouldBeTrue("nobody is to believe that it was done");
    }

    [Fact]
    public void A_gateway_that_nobody_told_reads_the_list_every_few_seconds()
    {
        var ann = _world.Hello("ann");
        _world.Services.KeptOut.StartAsync().IsCompletedSuccessfully.ShouldBeTrue();
        Put(BlockKind.User, "ann");
        _world.RunFor(TimeSpan.FromSeconds(5));
        ann.Closed.ShouldBe("3503");

        // And forgets what has ended, so that the store does not grow.
        Put(BlockKind.User, "bob", Now + 1_000);
        _world.RunFor(TimeSpan.FromMinutes(2));
        _store.Blocks.Select(b => b.Value).ShouldBe(["ann"]);
    }

    [Fact]
    public async Task A_gateway_that_has_never_read_the_list_lets_nobody_in()
    {
        using var world = new ConnectionWorld(blocks: new InMemoryBlockStore { IsAway = true });
        world.Services.KeptOut.StartAsync().IsCompletedSuccessfully.ShouldBeTrue("a store that is away is not waited for");
        world.Services.KeptOut.IsKnown.ShouldBeFalse();
        (await AskAsync(world, "203.0.113.7")).Status.ShouldBe(503);
    }

    [Fact]
    public async Task Requests_of_clients_from_an_address_that_is_kept_out_are_refused_and_those_of_operators_are_not()
    {
        Put(BlockKind.Address, "203.0.113.7", reason: "spam");
        Apply();
        var (status, body) = await AskAsync(_world, "203.0.113.7");
        status.ShouldBe(403);
        body.ShouldContain("\"code\":\"banned\"");
        body.ShouldContain("You are blocked by an administrator: spam");
        (await AskAsync(_world, "::ffff:203.0.113.7")).Status.ShouldBe(403);
        (await AskAsync(_world, "203.0.113.8")).Status.ShouldBe(299);
        (await AskAsync(_world, "203.0.113.7", new Endpoint(null, EndpointMetadataCollection.Empty, "metrics"))).Status.ShouldBe(299);
        (await AskAsync(_world, "203.0.113.7", new Endpoint(null, new EndpointMetadataCollection(ForClients.Instance), "api"))).Status.ShouldBe(403);
        _world.Meters.Read()["clusterchat_blocks_refused"].Samples.Single(s => s.Labels["kind"] == "address").Value.ShouldBe(3);
    }

    [Fact]
    public async Task The_list_of_connections_names_their_sessions()
    {
        var ann = _world.Hello("ann", address: "203.0.113.7");
        var listing = Operator.ExecuteAsync(new ListConnections(null, null, 0, 10));
        _world.Run();
        var report = await listing;
        Encoding.UTF8.GetString(report.Lines.Single().Span).ShouldContain($"\"session\":\"{ann.Connection.Who!.Member.User}\"");
    }

    private GatewayOperator Operator => new(_world.Registry, _world.Services);

    private void Put(BlockKind kind, string value, long until = Block.Forever, string reason = "")
        => _store.PutAsync(new Block(kind, value, Now, until, reason, "ops"), 100, default).AsTask().IsCompletedSuccessfully.ShouldBeTrue();

    /// <summary>As an order does it; returns how many connections were met.</summary>
    private int Apply()
    {
        var report = Operator.ExecuteAsync(new ApplyBlocks());
        report.IsCompletedSuccessfully.ShouldBeTrue();
        _world.Run();
        return report.Result.Count;
    }

    private static async Task<(int Status, string Body)> AskAsync(ConnectionWorld world, string address, Endpoint? endpoint = null)
    {
        var app = new ApplicationBuilder(null!);
        BlockedRequests.Use(app, world.Services.KeptOut);
        app.Run(context =>
        {
            context.Response.StatusCode = 299;
            return Task.CompletedTask;
        });
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.SetEndpoint(endpoint);
        using var body = new MemoryStream();
        context.Response.Body = body;
        await app.Build()(context);
        await context.Response.BodyWriter.FlushAsync();
        return (context.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()));
    }
}
