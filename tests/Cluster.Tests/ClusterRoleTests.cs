using System.Net;
using ClusterChat.Cluster.Tests.Harness;
using Microsoft.Data.Sqlite;

namespace ClusterChat.Cluster.Tests;

/// <summary>Who may be what in a cluster.</summary>
public sealed class ClusterRoleTests
{
    [Fact]
    public async Task A_gateway_and_two_owners_of_rooms_chat_and_one_owner_may_die()
    {
        await using var group = new NodeGroup();
        await group.AddAsync(group.Options("r1", "rooms"));
        await group.AddAsync(group.Options("r2", "rooms"));
        await group.AddAsync(group.Options("g1", "gateway"));
        await group.SettleAsync();
        var view = await group["g1"].ViewAsync();
        view.Shards("g1").ShouldBe(0);
        view.Shards("r1").ShouldBeInRange(400, 624);
        using (var http = RoomHttp.Client(group["r1"].Port))
        {
            (await http.GetAsync(new Uri("healthz/ready", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await http.GetAsync(new Uri("api/rooms", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        await using var crowd = new Crowd(group, clients: 6, rooms: 6);
        await crowd.StartAsync();
        await crowd.TalkOnAsync(10);
        await group.KillAsync("r1");
        await crowd.TalkOnAsync(10);
        await crowd.StopAndCheckAsync();
        group["g1"].ShouldBeUnharmed();
        group["r2"].ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_second_process_of_the_same_name_replaces_the_first_which_exits_with_1()
    {
        await using var group = await NodeGroup.StartAsync("n1", "n2");
        await using var crowd = new Crowd(group, clients: 4, rooms: 4);
        await crowd.StartAsync();
        await crowd.TalkOnAsync(5);
        var first = group["n1"];

        await using var second = await NodeProcess.StartAsync(group.Options("n1"));

        (await first.ExitAsync()).ShouldBe(1);
        first.Output.ShouldContain("Replaced");
        group.Replaced(first, second);
        await crowd.TalkOnAsync(5);
        await crowd.StopAndCheckAsync();
        second.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Nodes_reach_each_other_at_what_they_advertise()
    {
        await using var group = new NodeGroup();
        var ports = UpProcess.FreePorts(2);
        await Task.WhenAll(
            group.AddAsync(Advertised("n1", $"127.0.0.1:{ports}", $"localhost:{ports}")),
            group.AddAsync(Advertised("n2", $"0.0.0.0:{ports + 1}", $"127.0.0.2:{ports + 1}")));
        await group.SettleAsync();
        await using var crowd = new Crowd(group, clients: 4, rooms: 4);
        await crowd.StartAsync();
        await crowd.TalkOnAsync(5);
        await crowd.StopAndCheckAsync();
        group["n1"].ShouldBeUnharmed();
        group["n2"].ShouldBeUnharmed();

        NodeOptions Advertised(string name, string listen, string advertise)
            => group.Options(name) with { Arguments = ["--cluster", listen, "--advertise", advertise, "--roles", "gateway,rooms"] };
    }

    [Fact]
    public async Task A_node_with_another_secret_is_not_let_in_and_says_why()
    {
        await using var group = await NodeGroup.StartAsync("n1");
        using var copy = new DataFolder();
        var options = group.Options("n2").With("Membership:JoinTimeout", "00:00:03") with { Data = copy.Path };
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(group.Options("n1").Data, "cluster.db")};Pooling=False"))
        {
            await database.OpenAsync();
            await using var take = database.CreateCommand();
            take.CommandText = $"VACUUM INTO '{Path.Combine(copy.Path, "cluster.db")}'";
            await take.ExecuteNonQueryAsync();
        }

        await using (var database = new SqliteConnection($"Data Source={Path.Combine(copy.Path, "cluster.db")};Pooling=False"))
        {
            await database.OpenAsync();
            await using var change = database.CreateCommand();
            change.CommandText = "UPDATE secret SET value = randomblob(32)";
            (await change.ExecuteNonQueryAsync()).ShouldBe(1);
        }

        await using var stranger = NodeProcess.StartFailing(options);
        (await stranger.ExitAsync()).ShouldBe(1, stranger.Output);

        stranger.Output.ShouldContain("another cluster secret", Case.Sensitive, stranger.Output);
        (await group["n1"].WaitForLineAsync("Turned a connection")).ShouldContain("another cluster secret");
        (await group["n1"].ViewAsync()).Names().ShouldBe(["n1"]);
    }

    [Fact]
    public async Task A_node_of_another_cluster_is_not_let_in_and_exits_with_1()
    {
        await using var group = await NodeGroup.StartAsync("n1");
        await using var stranger = NodeProcess.StartFailing(
            group.Options("n2").With("ClusterName", "other").With("Membership:JoinTimeout", "00:00:03"));

        (await stranger.ExitAsync()).ShouldBe(1, stranger.Output);

        stranger.Output.ShouldContain("CouldNotJoin");
        stranger.Output.ShouldNotContain("   at ", Case.Sensitive, "a stack trace helps nobody here");
        (await group["n1"].ViewAsync()).Names().ShouldBe(["n1"]);
        group["n1"].ShouldBeUnharmed();
    }
}
