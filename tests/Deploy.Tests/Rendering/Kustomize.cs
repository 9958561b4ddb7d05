using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace ClusterChat.Deploy.Tests.Rendering;

/// <summary>What <c>kubectl kustomize</c> makes of the folders of this repository.</summary>
internal static class Kustomize
{
    public const string Dev = "deploy/k8s/overlays/dev";
    public const string Production = "deploy/k8s/overlays/production";
    public const string Everything = "tests/Deploy.Tests/Variants/everything";
    public const string GatewayApi = "tests/Deploy.Tests/Variants/gateway-api";

    private static readonly ConcurrentDictionary<string, Lazy<IReadOnlyList<Manifest>>> Rendered = new(StringComparer.Ordinal);

    /// <summary>Folders that are whole clusters.</summary>
    public static TheoryData<string> Clusters => [Dev, Production, Everything, GatewayApi];

    /// <summary>The objects of a folder.</summary>
    public static IReadOnlyList<Manifest> Render(string folder)
        => Rendered.GetOrAdd(folder, f => new Lazy<IReadOnlyList<Manifest>>(() => RenderNow(f))).Value;

    /// <summary>The pods of all workloads.</summary>
    public static IEnumerable<Pod> Pods(this IEnumerable<Manifest> manifests) => manifests.Select(m => m.Pod).OfType<Pod>();

    private static List<Manifest> RenderNow(string folder)
    {
        var (output, error) = Command.Run("kubectl", "kustomize", Path.Combine(Repository.Root, folder));

        // It warns of what it will not know any more.
        error.ShouldBeEmpty();
        return [.. output.Split("\n---\n").Select(t => new Manifest(YamlReader.Read(t)!.AsObject(), t))];
    }
}
