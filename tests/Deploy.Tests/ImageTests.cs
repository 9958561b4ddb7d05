using System.Text.Json.Nodes;
using ClusterChat.Deploy.Tests.Image;
using ClusterChat.Deploy.Tests.Rendering;

namespace ClusterChat.Deploy.Tests;

/// <summary>The Dockerfile, built by buildah without a registry, and what comes out of it run with a read-only root as its user.</summary>
[Trait("Needs", "buildah")]
public sealed class ImageTests(BuiltImage image) : IClassFixture<BuiltImage>
{
    [Fact]
    public void It_has_no_shell_and_belongs_to_root()
    {
        foreach (var folder in new[] { "bin", "usr/bin", "usr/local/bin" })
        {
            var path = Path.Combine(image.Root, folder);
            if (Directory.Exists(path))
                Directory.EnumerateFiles(path).ShouldBeEmpty();
        }

        var app = Directory.EnumerateFiles(Path.Combine(image.Root, "app"), "*", SearchOption.AllDirectories).ToList();
        Command.Run("find", Path.Combine(image.Root, "app"), "-not", "-user", "root").Output.ShouldBeEmpty("a node that was taken over changes no code");
        app.ShouldNotContain(f => f.EndsWith(".pdb", StringComparison.Ordinal));
        app.ShouldContain(f => f.EndsWith("/wwwroot/client/clusterchat.js", StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_compiled_ahead_of_time()
    {
        // The machine code of all, .NET's own included, is in one file, more than all the intermediate language that there is.
        var language = Directory.EnumerateFiles(Path.Combine(image.Root, "app"), "*.dll").Where(f => !f.EndsWith(".r2r.dll", StringComparison.Ordinal)).Sum(f => new FileInfo(f).Length);
        new FileInfo(Path.Combine(image.Root, "app/clusterchat.r2r.dll")).Length.ShouldBeGreaterThan(language);
    }

    [Fact]
    public void It_says_who_it_is_and_runs_as_nobody_special()
    {
        image.User.ShouldBe("1654:1654");
        image.Config["Labels"]!["org.opencontainers.image.title"].Text().ShouldBe("ClusterChat");
        image.Config["Labels"]!["org.opencontainers.image.version"].Text().ShouldBe("0.1.0");
        image.Config["Labels"]!["org.opencontainers.image.revision"].Text().ShouldBe("test");
        image.Config["ExposedPorts"]!.AsObject().Select(p => p.Key).ShouldBe(["8080/tcp", "9081/tcp", "9090/tcp"], ignoreOrder: true);
        image.Config["Volumes"]!.AsObject().Select(p => p.Key).ShouldBe(["/data"]);
        image.Config["Entrypoint"].Texts().ShouldBe(["/app/clusterchat"]);
    }

    [Fact]
    public async Task It_starts_with_a_read_only_root_serves_knows_its_health_and_ends_with_0()
    {
        await using var container = image.Start();
        await container.WaitForAsync("Open in a browser");

        BuiltImage.Get(container, "http://127.0.0.1:9090/healthz/ready").Status.ShouldBe(200);
        BuiltImage.Get(container, "http://127.0.0.1:8080/healthz/ready").Status.ShouldBe(404, "probes are not for clients");
        BuiltImage.Get(container, "http://127.0.0.1:8080/").Body.ShouldContain("<html", Case.Insensitive);
        BuiltImage.Get(container, "http://127.0.0.1:8080/client/clusterchat.js").Body.ShouldContain("ChatClient");
        var check = image.Config["Healthcheck"]!["Test"].Texts().ToList();
        check[0].ShouldBe("CMD", "a shell would not be there");
        var (healthy, _, error) = image.Execute(container, check.Skip(1));
        healthy.ShouldBe(0, error);

        image.Execute(container, "/app/clusterchat", "--version").Code.ShouldBe(0);
        File.ReadAllLines($"/proc/{container.Pid}/status").Where(l => l.StartsWith("Uid:", StringComparison.Ordinal) || l.StartsWith("CapEff:", StringComparison.Ordinal))
            .Select(l => string.Join(' ', l.Split('\t'))).ShouldBe(["Uid: 1654 1654 1654 1654", "CapEff: 0000000000000000"]);
        foreach (var line in container.Output.Split('\n'))
            Should.NotThrow(() => JsonNode.Parse(line), $"logs of a container are JSON: {line}");

        (await container.TerminateAsync()).ShouldBe(0, container.Output);
    }

    [Fact]
    public void Where_nothing_answers_the_health_check_fails()
    {
        var check = image.Config["Healthcheck"]!["Test"].Texts().ToList();
        Command.Try("unshare", ["--net", image.Root + check[1], .. check.Skip(2)]).Code.ShouldBe(1);
    }
}
