using System.Text.RegularExpressions;
using ClusterChat.Deploy.Tests.Rendering;

namespace ClusterChat.Deploy.Tests;

/// <summary>What the documents and the manifests' comments tell an operator to type, held against the objects that it is for.</summary>
public sealed partial class RunbookTests
{
    private static readonly string[] Texts =
    [
        .. new[] { "docs", "deploy" }
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Repository.Root, f), "*", SearchOption.AllDirectories))
            .Where(f => Path.GetExtension(f) is ".md" or ".yaml").Append(Path.Combine(Repository.Root, "README.md"))
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllText),
    ];

    private static readonly IReadOnlyList<Manifest> Production = Kustomize.Render(Kustomize.Production);

    [Fact]
    public void Whoever_scales_to_nothing_is_told_how_to_scale_back()
    {
        var deployments = Production.Where(m => m.Kind == "Deployment").Select(m => m.Name).Order(StringComparer.Ordinal).ToList();
        var scalers = Production.Where(m => m.Kind == "HorizontalPodAutoscaler").ToList();
        var stops = Texts.SelectMany(t => Block().Matches(t).Select(b => b.Value)).Where(b => b.Contains("--replicas 0", StringComparison.Ordinal)).ToList();
        stops.Count.ShouldBe(1, "one runbook has it, the others lead there");

        // An autoscaler would scale up again, and none acts on a Deployment of 0; nor does an apply without "replicas".
        var lines = stops[0].Split('\n');
        Names(lines.Single(l => l.Contains("delete hpa", StringComparison.Ordinal))).ShouldBe(scalers.Select(s => s.Name), ignoreOrder: true);
        var scales = lines.Where(l => l.Contains(" scale deployment ", StringComparison.Ordinal)).ToList();
        scales.Count.ShouldBe(2);
        scales.ShouldAllBe(l => Names(l).Order(StringComparer.Ordinal).SequenceEqual(deployments));
        var least = scalers.Select(s => s.Spec["minReplicas"]!.GetValue<int>()).Distinct().Single();
        scales[1].ShouldEndWith($"--replicas {least}");
        Array.IndexOf(lines, scales[1]).ShouldBeGreaterThan(Array.FindIndex(lines, l => l.StartsWith("kubectl apply -k", StringComparison.Ordinal)));
        var selector = lines.Single(l => l.Contains("wait --for=delete", StringComparison.Ordinal));
        Production.Pods().Count(p => selector.Contains("app.kubernetes.io/name=" + p.Labels["app.kubernetes.io/name"], StringComparison.Ordinal)).ShouldBe(deployments.Count);
        Texts.ShouldAllBe(t => !ToNothing().IsMatch(t));
    }

    [Fact]
    public void Draining_a_machine_gets_past_the_volumes_that_pods_have()
    {
        var drains = Texts.SelectMany(t => Drain().Matches(t).Select(m => m.Value)).ToList();
        drains.ShouldNotBeEmpty();
        var haveEmptyDir = Production.Pods().Any(p => p.Spec["volumes"].Items().Any(v => v["emptyDir"] is not null));
        haveEmptyDir.ShouldBeTrue();
        drains.ShouldAllBe(d => d.Contains("--delete-emptydir-data", StringComparison.Ordinal) && d.Contains("--ignore-daemonsets", StringComparison.Ordinal));
    }

    [Fact]
    public void A_debugging_container_is_one_that_the_namespace_lets_in()
    {
        var level = Production.Single(m => m.Kind == "Namespace").Labels["pod-security.kubernetes.io/enforce"];
        var debugs = Texts.SelectMany(t => Debug().Matches(t).Select(m => m.Value)).ToList();
        debugs.Count.ShouldBe(2);
        debugs.ShouldAllBe(d => d.Contains("--profile=" + level, StringComparison.Ordinal) && d.Contains("--target=clusterchat", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Names(string line) => Name().Matches(line).Select(m => m.Value);

    [GeneratedRegex(@"(?<=^```\n)[^`]*(?=^```)", RegexOptions.Multiline, 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"\bclusterchat-(gateway|rooms)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"\bscale\s+(both Deployments\s+)?to\s+0", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ToNothing();

    [GeneratedRegex(@"kubectl (-n \S+ )?drain[^`\n]*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Drain();

    [GeneratedRegex(@"kubectl (-n \S+ )?debug[^`""\n]*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Debug();
}
