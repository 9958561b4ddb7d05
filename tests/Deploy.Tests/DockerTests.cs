using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ClusterChat.Deploy.Tests.Rendering;

namespace ClusterChat.Deploy.Tests;

/// <summary>Dockerfile, project, compose file and manifests say the same.</summary>
public sealed partial class DockerTests
{
    private const string Project = "src/ClusterChat/ClusterChat.csproj";
    private static readonly string[] Dockerfile = Repository.Read("deploy/docker/Dockerfile").Split('\n');

    [Fact]
    public void What_decides_on_packages_is_all_copied_before_the_restore_and_nothing_else()
    {
        var before = Dockerfile.TakeWhile(l => !l.StartsWith("RUN dotnet restore", StringComparison.Ordinal)).Where(l => l.StartsWith("COPY ", StringComparison.Ordinal))
            .SelectMany(l => l.Split(' ')[1..^1]).ToList();
        List<string> wanted = [.. Projects(Project), "global.json", .. Directory.GetFiles(Repository.Root, "Directory.*").Select(Path.GetFileName).OfType<string>()];
        before.ShouldBe(wanted, ignoreOrder: true);
    }

    [Fact]
    public void The_project_publishes_the_image_that_the_Dockerfile_builds()
    {
        var json = Command.Run("dotnet", "msbuild", Path.Combine(Repository.Root, Project), "-getProperty:ContainerBaseImage,ContainerUser,ContainerRepository,ContainerImageTag", "-getItem:ContainerPort,ContainerEnvironmentVariable").Output;
        var root = JsonDocument.Parse(json).RootElement;
        var properties = root.GetProperty("Properties");
        properties.GetProperty("ContainerBaseImage").GetString().ShouldBe(Argument("RUNTIME_IMAGE"));
        properties.GetProperty("ContainerUser").GetString().ShouldBe(Line("USER "));
        $"{properties.GetProperty("ContainerRepository")}:{properties.GetProperty("ContainerImageTag")}".ShouldBe(Compose.Services["n1"]["image"].Text());
        root.GetProperty("Items").GetProperty("ContainerPort").EnumerateArray().Select(p => p.GetProperty("Identity").GetString()).ShouldBe(Line("EXPOSE ").Split(' '), ignoreOrder: true);
        root.GetProperty("Items").GetProperty("ContainerEnvironmentVariable").EnumerateArray().Select(v => $"{v.GetProperty("Identity")}={v.GetProperty("Value")}")
            .ShouldBe(Variables(), ignoreOrder: true);
    }

    [Fact]
    public void Base_images_are_pinned_to_a_patch()
    {
        Argument("SDK_IMAGE").ShouldMatch(@":10\.0\.\d+-");
        Argument("RUNTIME_IMAGE").ShouldMatch(@":10\.0\.\d+-.*chiseled-extra$");
    }

    [Fact]
    public void Manifests_use_the_user_and_the_ports_of_the_image()
    {
        var pods = Kustomize.Render(Kustomize.Production).Pods().ToList();
        pods.ShouldAllBe(p => $"{p.Spec["securityContext"]!["runAsUser"]}:{p.Spec["securityContext"]!["runAsGroup"]}" == Line("USER "));
        pods.SelectMany(p => p.Ports.Values).Distinct().Select(p => p.ToString(CultureInfo.InvariantCulture)).ShouldBe(Line("EXPOSE ").Split(' '), ignoreOrder: true);
    }

    [Fact]
    public void Compose_has_three_nodes_that_drain_and_can_write_nothing_behind_a_proxy_that_knows_them()
    {
        var nodes = Compose.Nodes.ToList();
        nodes.Count.ShouldBe(3);
        foreach (var (name, environment) in nodes)
        {
            var service = Compose.Services[name];
            environment["ClusterChat__Name"].ShouldBe(name);
            environment["ClusterChat__Advertise"].ShouldBe(name + ":9081");
            var drain = TimeSpan.Parse(environment["ClusterChat__Limits__DrainGrace"], CultureInfo.InvariantCulture);
            TimeSpan.FromSeconds(int.Parse(service["stop_grace_period"].Text()!.TrimEnd('s'), CultureInfo.InvariantCulture)).ShouldBeGreaterThan(drain + TimeSpan.FromSeconds(10));
            service["read_only"]!.GetValue<bool>().ShouldBeTrue();
            service["cap_drop"].Texts().ShouldBe(["ALL"]);
            service.ContainsKey("ports").ShouldBeFalse("only the proxy is reached from the outside");
        }

        // All clients would be one address otherwise. None but the proxy is believed, and its address is not given to another container.
        var proxy = Compose.Services["haproxy"]["networks"]!["inside"]!["ipv4_address"].Text()!;
        nodes.ShouldAllBe(n => n.Environment["ClusterChat__Proxy__Networks__0"] == proxy + "/32" && !n.Environment.ContainsKey("ClusterChat__Proxy__Networks__1"));
        var addresses = Compose.Root["networks"]!["inside"]!["ipam"]!["config"]!.AsArray().Single()!;
        IPNetwork.Parse(addresses["subnet"].Text()!).Contains(IPAddress.Parse(proxy)).ShouldBeTrue();
        IPNetwork.Parse(addresses["ip_range"].Text()!).Contains(IPAddress.Parse(proxy)).ShouldBeFalse();
        ServerLine().Matches(Repository.Read("deploy/docker/haproxy.cfg")).Select(m => m.Groups["name"].Value).ShouldBe(nodes.Select(n => n.Name));
        Compose.Services.Values.Select(s => s["image"].Text()!).ShouldAllBe(i => Regex.IsMatch(i, @":\d+\.\d+", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void No_password_is_in_the_repository()
    {
        var secret = Compose.Root["secrets"]!["database-password"]!["file"].Text()!;
        var path = Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, "deploy/docker", secret)));
        Repository.Read(".gitignore").Split('\n').ShouldContain(path);
        Repository.Read("deploy/docker/compose.yaml").ShouldContain($"openssl rand -hex 24 > {path}");
        Kustomize.Render(Kustomize.Dev).Where(m => m.Kind == "Secret").ShouldBeEmpty();
    }

    [GeneratedRegex(@"^  server (?<name>\S+) \k<name>:8080$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServerLine();

    private static string Line(string keyword) => Dockerfile.Single(l => l.StartsWith(keyword, StringComparison.Ordinal))[keyword.Length..];

    private static string Argument(string name) => Line($"ARG {name}=");

    private static IEnumerable<string> Variables()
    {
        // The second ENV: the first one is the build's.
        var start = Array.FindLastIndex(Dockerfile, l => l.StartsWith("ENV ", StringComparison.Ordinal));
        var lines = Dockerfile.Skip(start).ToList();
        return lines.Take(lines.FindIndex(l => !l.EndsWith('\\')) + 1).Select(l => l.Replace("ENV ", "", StringComparison.Ordinal).TrimEnd('\\').Trim());
    }

    private static IEnumerable<string> Projects(string project)
    {
        var references = XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference").Select(r => r.Attribute("Include")!.Value);
        return references.Select(r => Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(project)!, r))))
            .SelectMany(Projects).Prepend(project).Distinct(StringComparer.Ordinal);
    }
}
