using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.Cluster.Tls;
using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests;

/// <summary>A cluster of processes whose links use certificates of one's own.</summary>
public sealed class TlsClusterTests : IDisposable
{
    private readonly TestCertificates _authority = new();
    private readonly TestCertificates _foreign = new("somebody else");

    [Fact]
    public async Task Nodes_with_certificates_chat_survive_a_kill_and_a_renewal_and_turn_strangers_away()
    {
        await using var group = new NodeGroup();
        string[] names = ["n1", "n2", "n3"];
        await Task.WhenAll(names.Select(n => group.AddAsync(With(group.Options(n), _authority.Issue(n)))));
        await group.SettleAsync();
        group["n1"].Output.ShouldContain("Links use TLS with the certificate of CN=n1");
        await using var crowd = new Crowd(group, clients: 6, rooms: 6);
        await crowd.StartAsync();
        await crowd.TalkOnAsync(10);

        // n1 shows a new certificate to n3, which comes again and dials it.
        _authority.Issue("n1");
        await group.KillAsync("n3");
        await crowd.TalkOnAsync(10);
        await group.RestartAsync("n3");
        await group.SettleAsync();
        group["n1"].Count("Links use TLS with the certificate of CN=n1").ShouldBe(2, group["n1"].Output);
        await crowd.TalkOnAsync(10);

        // With the secret alone.
        await using (var plain = NodeProcess.StartFailing(Short(group.Options("n4"))))
        {
            (await plain.ExitAsync()).ShouldBe(1, plain.Output);
            plain.Output.ShouldContain("its certificate is not one of this cluster's");
            await group["n1"].WaitForLineAsync("Turned a connection");
        }

        await using (var foreign = NodeProcess.StartFailing(With(Short(group.Options("n4")), _foreign.Issue("n4"))))
        {
            (await foreign.ExitAsync()).ShouldBe(1, foreign.Output);
            foreign.Output.ShouldContain("its certificate is not one of this cluster's (another secret or authority, or out of its time): CN=n1");
        }

        await crowd.StopAndCheckAsync();
        group["n1"].ShouldBeUnharmed();
        group["n2"].ShouldBeUnharmed();

        static NodeOptions Short(NodeOptions options) => options.With("JoinTimeout", "00:00:03");
    }

    [Fact]
    public async Task Missing_and_mismatched_files_are_named_with_their_variable()
    {
        var (one, other) = (_authority.Issue("n1"), _foreign.Issue("n2"));
        (ClusterTlsFiles Files, string[] Words)[] cases =
        [
            (one with { Key = "" }, ["ClusterChat__Links__Tls__Key", "needs Certificate, Key and Authority"]),
            (one with { Key = "/no/such/key" }, ["ClusterChat__Links__Tls", "/no/such/key"]),
            (one with { Key = other.Key }, ["ClusterChat__Links__Tls", other.Key]),
            (one with { Authority = other.Authority }, ["ClusterChat__Links__Tls", "would be refused"]),
        ];
        foreach (var (files, words) in cases)
        {
            var output = await new ToolRun("config")
            {
                Environment = Settings(files).ToDictionary(s => $"ClusterChat__{s.Key.Replace(":", "__", StringComparison.Ordinal)}", s => s.Value, StringComparer.Ordinal),
                ExitCode = 2,
            }.RunAsync();

            foreach (var word in words)
                output.ShouldContain(word);
        }
    }

    public void Dispose()
    {
        _authority.Dispose();
        _foreign.Dispose();
    }

    private static NodeOptions With(NodeOptions options, ClusterTlsFiles files)
        => Settings(files).Aggregate(options, (all, next) => all.With(next.Key, next.Value));

    private static IEnumerable<(string Key, string Value)> Settings(ClusterTlsFiles files)
        => [("Links:Tls:Certificate", files.Certificate), ("Links:Tls:Key", files.Key), ("Links:Tls:Authority", files.Authority)];
}
