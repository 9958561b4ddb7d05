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
        using (var http = RoomHttp.Client(group["r1"].Port))
        {
            (await http.GetAsync(new Uri("healthz/ready", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await http.GetAsync(new Uri("api/rooms", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        await using var crowd = new Crowd(group, clients: 6, rooms: 6);
        await crowd.StartAsync();
        await crowd.TalkOnAsync(10);
        var view = await group["g1"].WaitForAsync(v => v.Shards("r1") > 0 && v.Shards("r2") > 0, "shards on both owners of rooms");
        view.Shards("g1").ShouldBe(0);
        await group.KillAsync("r1");
        await crowd.TalkOnAsync(10);
        await crowd.StopAndCheckAsync();
        group["g1"].ShouldBeUnharmed();
        group["r2"].ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_second_process_of_the_same_name_is_refused_while_the_first_one_lives()
    {
        await using var group = await NodeGroup.StartAsync("n1", "n2");
        await using var crowd = new Crowd(group, clients: 4, rooms: 4);
        await crowd.StartAsync();
        await crowd.TalkOnAsync(5);

        await using var second = NodeProcess.StartFailing(group.Options("n1"));

        (await second.ExitAsync()).ShouldBe(1);
        second.Output.ShouldContain("The name n1 is taken by a node that lives at");
        await crowd.TalkOnAsync(5);
        await crowd.StopAndCheckAsync();
        group["n1"].ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_process_takes_the_name_of_a_dead_one_from_another_address()
    {
        await using var group = await NodeGroup.StartAsync("n1", "n2");
        var before = (await group["n2"].ViewAsync()).Address("n1");
        await group.KillAsync("n1");

        await using var next = await NodeProcess.StartAsync(group.Options("n1"));

        var view = await group["n2"].WaitForAsync(v => v.Names() is ["n1", "n2"] && v.Address("n1") != before, "the new n1 in place of the old one");
        (await next.ViewAsync()).Address("n1").ShouldBe(view.Address("n1"));
        group["n2"].ShouldBeUnharmed();
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
        var options = group.Options("n2").With("JoinTimeout", "00:00:03") with { Data = copy.Path };
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

        stranger.Output.ShouldContain("its certificate is not one of this cluster's (another secret", Case.Sensitive, stranger.Output);
        stranger.Output.ShouldContain("it was not let into the cluster within 00:00:03", Case.Sensitive, stranger.Output);
        await group["n1"].WaitForLineAsync("Turned a connection");
        (await group["n1"].ViewAsync()).Names().ShouldBe(["n1"]);
    }

    [Fact]
    public async Task A_node_of_another_cluster_is_not_let_in_and_exits_with_1()
    {
        await using var group = await NodeGroup.StartAsync("n1");
        await using var stranger = NodeProcess.StartFailing(
            group.Options("n2").With("ClusterName", "other").With("JoinTimeout", "00:00:03"));

        (await stranger.ExitAsync()).ShouldBe(1, stranger.Output);

        stranger.Output.ShouldContain("it was not let into the cluster within 00:00:03");
        stranger.Output.ShouldNotContain("   at ", Case.Sensitive, "a stack trace helps nobody here");
        (await group["n1"].ViewAsync()).Names().ShouldBe(["n1"]);
        group["n1"].ShouldBeUnharmed();
    }
}
