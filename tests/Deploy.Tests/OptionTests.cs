using System.Text.RegularExpressions;
using ClusterChat.Deploy.Tests.Rendering;

namespace ClusterChat.Deploy.Tests;

/// <summary>The executable itself is asked about what the manifests and the compose file tell it.</summary>
public sealed partial class OptionTests : IDisposable
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "clusterchat.dll");
    private readonly MountedFiles _files = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("clusterchat-deploy-").FullName;

    public static TheoryData<string> Clusters => Kustomize.Clusters;

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Every_variable_of_every_node_is_an_option_with_a_value_that_it_takes(string cluster)
    {
        var all = Kustomize.Render(cluster);
        foreach (var pod in all.Pods().Where(p => p.IsClusterChat))
            Problems(pod.Environment(all)).ShouldBeEmpty(pod.Owner.ToString());
    }

    [Fact]
    public void A_variable_that_is_no_option_is_noticed()
    {
        var all = Kustomize.Render(Kustomize.Dev);
        var environment = new Dictionary<string, string>(all.Pods().First(p => p.IsClusterChat).Environment(all), StringComparer.Ordinal) { ["ClusterChat__DrainGrace"] = "1" };
        Problems(environment).ShouldContain("ClusterChat__DrainGrace");
    }

    [Fact]
    public void So_is_every_variable_of_the_compose_file()
    {
        foreach (var (name, environment) in Compose.Nodes)
            Problems(environment).ShouldBeEmpty(name);
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Files_that_variables_name_are_mounted(string cluster)
    {
        var all = Kustomize.Render(cluster);
        foreach (var pod in all.Pods().Where(p => p.IsClusterChat))
        {
            var mounts = pod.Node["volumeMounts"].Items().Select(m => m["mountPath"].Text() + "/").ToList();
            var files = pod.Environment(all).Values.SelectMany(v => v.Split(';')).Select(v => v[(v.IndexOf('=') + 1)..]).Where(v => v.StartsWith("/etc/", StringComparison.Ordinal));
            files.ShouldNotBeEmpty();
            files.ShouldAllBe(f => mounts.Any(m => f.StartsWith(m, StringComparison.Ordinal)));
        }
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public async Task Probes_and_scrapes_ask_for_what_a_node_answers_there_and_clients_do_not_reach_it(string cluster)
    {
        var all = Kustomize.Render(cluster);
        var pod = all.Pods().Single(p => p.Ports.ContainsKey("http"));
        await using var node = await StartAsync(pod.Environment(all));
        using var http = new HttpClient();
        foreach (var probe in pod.Node.Where(p => p.Key.EndsWith("Probe", StringComparison.Ordinal)).Select(p => p.Value!["httpGet"]!))
        {
            pod.PortNumber(probe["port"]).ShouldBe(new Uri(pod.Environment(all)["ClusterChat__Management"]).Port);
            (await http.GetAsync(node.Management + probe["path"].Text())).EnsureSuccessStatusCode();
            ((int)(await http.GetAsync(node.Public + probe["path"].Text())).StatusCode).ShouldBe(404);
        }

        foreach (var endpoint in all.Where(m => m.Kind == "ServiceMonitor").SelectMany(m => m.Spec["endpoints"].Items()))
            (await http.GetAsync(node.Management + endpoint["path"].Text())).EnsureSuccessStatusCode();
        (await node.Run.TerminateAsync()).ShouldBe(0, node.Run.Output);
    }

    public void Dispose()
    {
        _files.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [GeneratedRegex(@"http://[\d.]+:\d+", RegexOptions.None, 1000)]
    private static partial Regex Address();

    /// <summary>What <c>clusterchat config</c> has to say against an environment; files that a pod mounts are there.</summary>
    private string Problems(IReadOnlyDictionary<string, string> environment)
    {
        var (code, output, error) = Command.Try("dotnet", [Executable, "config"], _files.Here(environment));
        (code == 0).ShouldBe(error.Length == 0, output + error);
        output.ShouldNotContain("secret\n", Case.Sensitive, "what is printed may be shown to anybody");
        return error;
    }

    /// <summary>A node with the environment of a pod, but on free ports and with a database of its own.</summary>
    private async Task<StartedNode> StartAsync(IReadOnlyDictionary<string, string> environment)
    {
        string[] replaced = ["Postgres", "Auth", "Admin", "Links", "Proxy"];
        var own = environment.Where(p => !replaced.Any(r => p.Key.StartsWith("ClusterChat__" + r, StringComparison.Ordinal))).ToDictionary(StringComparer.Ordinal);
        own["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        own["ClusterChat__Management"] = "http://127.0.0.1:0";
        own["ClusterChat__Cluster"] = "127.0.0.1:0";
        own.Remove("ClusterChat__Advertise").ShouldBeTrue();
        own["ClusterChat__Data"] = _folder;
        own["DOTNET_EnableDiagnostics"] = "0";
        var run = NodeRun.Start(["dotnet", Executable], own);
        var management = Address().Match(await run.WaitForAsync("Management (")).Value;
        return new StartedNode(run, management, Address().Match(await run.WaitForAsync("Open in a browser")).Value);
    }

    private sealed record StartedNode(NodeRun Run, string Management, string Public) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Run.DisposeAsync();
    }
}
