using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests;

/// <summary>A database password that changes while the node runs.</summary>
[Trait("Needs", "PostgreSQL")]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class PostgresPasswordTests
{
    [Fact]
    public async Task A_node_goes_on_with_the_new_password_once_it_is_in_the_file()
    {
        using var data = new DataFolder();
        await using var server = await PostgresServer.CreateAsync();
        await PostgresServer.ExecuteAsync(server.ConnectionString, "CREATE ROLE chat LOGIN PASSWORD 'first'; CREATE SCHEMA chat AUTHORIZATION chat; GRANT pg_monitor TO chat; GRANT EXECUTE ON FUNCTION pg_control_checkpoint() TO chat");
        var rules = Path.Combine(Directory.CreateDirectory(Path.Combine(data.Path, "rules")).FullName, "hba");
        await File.WriteAllTextAsync(rules, "host all chat 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 trust\n");
        foreach (var path in (string[])[data.Path, Path.GetDirectoryName(rules)!, rules])
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await server.StopAsync();
        await server.StartAsync($"hba_file={rules}");
        var password = Path.Combine(data.Path, "password");
        await File.WriteAllTextAsync(password, "first\n");
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path)
            .With("Postgres", $"Host=127.0.0.1;Port={server.Port};Database=postgres;Username=chat;Search Path=chat")
            .With("PostgresPasswordFile", password));
        await using var client = await ChatClient.ConnectAsync(node.Port, "ann");
        await client.JoinAsync("lobby");
        await client.SendAckedAsync("lobby", "m1", "with the first");

        // All sessions end: what connects from here on has the first password still, and is refused.
        await PostgresServer.ExecuteAsync(
            server.ConnectionString, "ALTER ROLE chat PASSWORD 'second'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'chat'");
        var second = client.SendAckedAsync("lobby", "m2", "with the second");
        await node.WaitForLineAsync("password authentication failed");
        await File.WriteAllTextAsync(password, "second");

        await second;
        node.Output.ShouldNotContain("crit:");
        node.Terminate();
        (await node.ExitAsync()).ShouldBe(0, node.Output);
    }
}
