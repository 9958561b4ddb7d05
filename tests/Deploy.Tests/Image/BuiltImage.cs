using System.Globalization;
using System.Text.Json.Nodes;
using ClusterChat.Deploy.Tests.Rendering;

namespace ClusterChat.Deploy.Tests.Image;

/// <summary>The image of <c>deploy/docker/Dockerfile</c>, really built, and its root file system.</summary>
public sealed class BuiltImage : IDisposable
{
    private const string Tag = "localhost/clusterchat:test";
    private static readonly string Scripts = Path.Combine(Repository.Root, "tests/Deploy.Tests/Image");
    private readonly string _work = Directory.CreateTempSubdirectory("clusterchat-image-").FullName;

    public BuiltImage()
    {
        try
        {
            Log = Command.Run(Path.Combine(Scripts, "build.sh"), _work, Tag).Error;
            var inspected = JsonNode.Parse(Buildah("inspect", "--type", "image", Tag))!;
            Config = inspected["Docker"]!["config"]!.AsObject();
            Layers = inspected["OCIv1"]!["rootfs"]!["diff_ids"]!.AsArray().Count;
            Root = Buildah("mount", Buildah("from", "--pull-never", Tag));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal string Log { get; }

    /// <summary>What the image says of itself, in Docker's words.</summary>
    internal JsonObject Config { get; }

    internal int Layers { get; }

    /// <summary>The folder where its root file system is mounted.</summary>
    internal string Root { get; }

    internal string User => Config[nameof(User)].Text()!;

    internal IReadOnlyDictionary<string, string> Environment => Config["Env"].Texts().Select(e => e.Split('=', 2)).ToDictionary(e => e[0], e => e[1], StringComparer.Ordinal);

    /// <summary>Runs the entry point as a container engine would; see <c>run.sh</c>.</summary>
    internal NodeRun Start()
        => NodeRun.Start([Path.Combine(Scripts, "run.sh"), Root, User.Split(':')[0], .. Config["Entrypoint"].Texts()], Environment);

    /// <summary>Runs a command in a started container, as its user.</summary>
    internal (int Code, string Output, string Error) Execute(NodeRun container, params IEnumerable<string> command)
    {
        var pid = container.Pid.ToString(CultureInfo.InvariantCulture);
        var id = User.Split(':')[0];
        return Command.Try(
            "env",
            ["-i", .. Environment.Select(p => $"{p.Key}={p.Value}"), "/usr/bin/nsenter", "--target", pid, "--mount", "--net", "--root", "--wd=/", "--setuid", id, "--setgid", id, .. command]);
    }

    /// <summary>Asks a started container over HTTP, with this machine's curl in the container's network.</summary>
    internal static (int Status, string Body) Get(NodeRun container, string url)
    {
        var pid = container.Pid.ToString(CultureInfo.InvariantCulture);
        var (code, output, error) = Command.Try("nsenter", ["--target", pid, "--net", "curl", "--silent", "--show-error", "--max-time", "10", "--write-out", "\n%{http_code}", url]);
        code.ShouldBe(0, error);
        var end = output.LastIndexOf('\n');
        return (int.Parse(output[(end + 1)..], CultureInfo.InvariantCulture), output[..end]);
    }

    public void Dispose()
    {
        if (Directory.Exists(Path.Combine(_work, "storage")))
        {
            Buildah("rm", "--all");
            Buildah("rmi", "--all", "--force");

            // The driver's own mount point.
            Command.Try("umount", [Path.Combine(_work, "storage/overlay")]);
        }

        Directory.Delete(_work, recursive: true);
    }

    private string Buildah(params IReadOnlyList<string> arguments)
        => Command.Run("buildah", ["--root", Path.Combine(_work, "storage"), "--runroot", Path.Combine(_work, "run"), .. arguments]).Output.Trim();
}
