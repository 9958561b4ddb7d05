using System.Net;
using System.Net.Sockets;
using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests;

/// <summary><c>up</c>: a cluster of local processes that lives and dies with one.</summary>
public sealed class UpTests
{
    private const int SigInt = 2, SigKill = 9, SigTerm = 15;

    [Fact]
    public async Task Three_nodes_chat_a_killed_one_is_replaced_and_all_end_with_0_on_SIGTERM()
    {
        using var data = new DataFolder();
        await using var up = await UpProcess.StartAsync(3, data.Path);
        await using var ann = await ChatClient.ConnectAsync(up.FirstPort, "ann");
        await using var bob = await ChatClient.ConnectAsync(up.FirstPort + 1, "bob");
        await ann.JoinAsync("lobby");
        await bob.JoinAsync("lobby");
        await ann.SendAckedAsync("lobby", "1", "one");
        await bob.WaitForSeqAsync("lobby", 1);

        var before = up.Nodes();
        UpProcess.Signal(before[2], SigKill);
        var line = await up.WaitForAsync("has ended with 137 and starts again in 0.25 s");
        line = await up.WaitForAsync("n3 up", await up.WaitForAsync("n3 ", line));
        up.Nodes().Intersect(before).Count().ShouldBe(2, up.Output);
        await using var cid = await ChatClient.ConnectAsync(up.FirstPort + 2, "cid");
        (await cid.JoinAsync("lobby")).GetProperty("seq").GetInt64().ShouldBe(1);
        await cid.SendAckedAsync("lobby", "1", "two");
        await ann.WaitForSeqAsync("lobby", 2);

        up.Signal(SigTerm);
        (await up.ExitAsync()).ShouldBe(0, up.Output);
        up.Output.ShouldContain("n1 has ended with 0");
        (await ann.Closed.Within("the close")).ShouldBe(3001);
        await up.NobodyIsLeftAsync();
    }

    [Fact]
    public async Task All_end_with_0_on_SIGINT_and_none_is_started_again()
    {
        using var data = new DataFolder();
        await using var up = await UpProcess.StartAsync(2, data.Path);
        up.Signal(SigInt);
        (await up.ExitAsync()).ShouldBe(0, up.Output);
        up.Output.ShouldNotContain("starts again");
        await up.NobodyIsLeftAsync();
    }

    [Fact]
    public async Task Nodes_do_not_outlive_a_killed_parent()
    {
        using var data = new DataFolder();
        await using var up = await UpProcess.StartAsync(2, data.Path);
        up.Signal(SigKill);
        (await up.ExitAsync()).ShouldBe(137);
        await up.NobodyIsLeftAsync();
    }

    [Fact]
    [Trait("Needs", "PostgreSQL")]
    public async Task Nodes_share_a_PostgreSQL_database_if_one_is_named()
    {
        using var data = new DataFolder();
        var database = await (await PostgresServer.Shared).CreateSchemaAsync();
        await using var up = await UpProcess.StartAsync(2, data.Path, "--postgres", database);
        await using var ann = await ChatClient.ConnectAsync(up.FirstPort, "ann");
        await ann.JoinAsync("lobby");
        await ann.SendAckedAsync("lobby", "1", "one");
        await using var bob = await ChatClient.ConnectAsync(up.FirstPort + 1, "bob");
        (await bob.JoinAsync("lobby")).GetProperty("seq").GetInt64().ShouldBe(1);
        Directory.EnumerateFileSystemEntries(data.Path).ShouldBeEmpty();
        up.Signal(SigTerm);
        (await up.ExitAsync()).ShouldBe(0, up.Output);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_before_anything_starts()
    {
        using var data = new DataFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var up = new UpProcess(3, port - 1, data.Path);
        (await up.ExitAsync()).ShouldBe(1);
        up.Output.ShouldContain($"In use: port {port}");
        up.Output.ShouldContain("--port");
        Directory.EnumerateFileSystemEntries(data.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nodes_that_cannot_start_end_it_with_their_reason()
    {
        using var data = new DataFolder();
        var file = Path.Combine(data.Path, "file");
        await File.WriteAllTextAsync(file, "no folder");
        await using var up = new UpProcess(2, UpProcess.FreePorts(2), file);
        (await up.ExitAsync()).ShouldBe(1, up.Output);
        up.Output.ShouldContain("cannot start");
        up.Output.ShouldContain(file);
        up.Output.ShouldNotContain("   at ", Case.Sensitive, "a stack trace helps nobody here");
    }

    [Theory]
    [InlineData("--nodes 0", "--nodes")]
    [InlineData("--port 70000", "--port")]
    [InlineData("--postgres nonsense", "--postgres")]
    public async Task A_wrong_option_is_named(string arguments, string name)
    {
        await using var up = new UpProcess(arguments.Split(' '));
        (await up.ExitAsync()).ShouldBe(2, up.Output);
        up.Output.ShouldContain(name);
    }
}
