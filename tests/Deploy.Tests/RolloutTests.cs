using System.Globalization;
using System.Xml.Linq;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.Deploy.Tests.Rendering;

namespace ClusterChat.Deploy.Tests;

/// <summary>Replacing, scaling and draining: times that fit the node's own, and never one node less than there should be.</summary>
public sealed class RolloutTests
{
    /// <summary>What <c>NodeHost</c> leaves the web server after the drain.</summary>
    private static readonly TimeSpan Closing = TimeSpan.FromSeconds(5);

    /// <summary>How long Akka's coordinated shutdown lets a node give its rooms away (<c>cluster-sharding-shutdown-region</c>).</summary>
    private static readonly TimeSpan HandOver = TimeSpan.FromSeconds(10);

    public static TheoryData<string> Clusters => Kustomize.Clusters;

    [Theory]
    [MemberData(nameof(Clusters))]
    public void The_grace_period_is_longer_than_the_drain_and_all_that_is_around_it(string cluster)
    {
        var all = Kustomize.Render(cluster);
        foreach (var pod in Nodes(all))
        {
            var drain = TimeSpan.Parse(pod.Environment(all)["ClusterChat__Limits__DrainGrace"], CultureInfo.InvariantCulture);
            var sleep = TimeSpan.FromSeconds(pod.Node["lifecycle"]?["preStop"]!["sleep"]!["seconds"]!.GetValue<int>() ?? 0);
            var grace = TimeSpan.FromSeconds(pod.Spec["terminationGracePeriodSeconds"]!.GetValue<int>());
            grace.ShouldBeGreaterThanOrEqualTo(sleep + drain + Closing + HandOver + new ArbiterOptions().LeaveTimeout + TimeSpan.FromSeconds(5), pod.Owner.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Who_serves_clients_goes_on_until_all_proxies_know_that_it_goes(string cluster)
    {
        foreach (var pod in Nodes(Kustomize.Render(cluster)))
        {
            // An exec hook would need a shell, which the image has not.
            var hooks = pod.Node["lifecycle"]?["preStop"]?.AsObject();
            if (pod.Ports.ContainsKey("http"))
                hooks!["sleep"]!["seconds"]!.GetValue<int>().ShouldBeInRange(3, 15);
            else
                hooks.ShouldBeNull();
        }
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void A_rollout_never_has_fewer_nodes_than_there_were(string cluster)
    {
        var all = Kustomize.Render(cluster);
        foreach (var pod in Nodes(all))
        {
            pod.Owner.Kind.ShouldBe("Deployment");
            var rolling = pod.Owner.Spec["strategy"]!["rollingUpdate"]!;
            rolling["maxUnavailable"]!.GetValue<int>().ShouldBe(0);
            rolling["maxSurge"]!.GetValue<int>().ShouldBe(1);
            pod.Owner.Spec["minReadySeconds"]!.GetValue<int>().ShouldBeGreaterThanOrEqualTo(5);
            var budget = all.Single(m => m.Kind == "PodDisruptionBudget" && m.Spec["selector"].Selects(pod.Labels));
            budget.Spec["maxUnavailable"]!.GetValue<int>().ShouldBe(1);
            budget.Spec["unhealthyPodEvictionPolicy"].Text().ShouldBe("AlwaysAllow");
        }
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Autoscalers_do_not_flap(string cluster)
    {
        foreach (var scaler in Kustomize.Render(cluster).Where(m => m.Kind == "HorizontalPodAutoscaler"))
        {
            var (up, down) = (scaler.Spec["behavior"]!["scaleUp"]!, scaler.Spec["behavior"]!["scaleDown"]!);
            down["stabilizationWindowSeconds"]!.GetValue<int>().ShouldBeGreaterThanOrEqualTo(10 * up["stabilizationWindowSeconds"]!.GetValue<int>());
            var step = down["policies"].Items().Single();
            step["type"].Text().ShouldBe("Pods");
            step["value"]!.GetValue<int>().ShouldBe(1);
            scaler.Spec["minReplicas"]!.GetValue<int>().ShouldBeGreaterThanOrEqualTo(cluster is Kustomize.Production or Kustomize.Everything ? 3 : 2);
        }
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Probes_kill_nobody_who_only_waits(string cluster)
    {
        foreach (var node in Nodes(Kustomize.Render(cluster)).Select(p => p.Node))
        {
            node["startupProbe"]!["httpGet"]!["path"].Text().ShouldBe("/healthz/live", "a node that waits for its database lives");
            node["livenessProbe"]!["httpGet"]!["path"].Text().ShouldBe("/healthz/live");
            node["readinessProbe"]!["httpGet"]!["path"].Text().ShouldBe("/healthz/ready");
            Budget(node["startupProbe"]!).ShouldBeGreaterThanOrEqualTo(60);
            Budget(node["livenessProbe"]!).ShouldBeGreaterThanOrEqualTo(60);
            Budget(node["readinessProbe"]!).ShouldBeLessThanOrEqualTo(10);
        }

        static int Budget(System.Text.Json.Nodes.JsonNode probe) => probe["periodSeconds"]!.GetValue<int>() * probe["failureThreshold"]!.GetValue<int>();
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Nodes_of_one_kind_stand_apart_and_may_stand_together_where_they_must(string cluster)
    {
        foreach (var pod in Nodes(Kustomize.Render(cluster)))
        {
            var spread = pod.Spec["topologySpreadConstraints"].Items().ToList();
            spread.Select(s => s["topologyKey"].Text()).ShouldBe(["topology.kubernetes.io/zone", "kubernetes.io/hostname"]);
            spread.ShouldAllBe(s => s["whenUnsatisfiable"].Text() == "ScheduleAnyway" && s["labelSelector"].Selects(pod.Labels));
            var apart = pod.Spec["affinity"]!["podAntiAffinity"]!["preferredDuringSchedulingIgnoredDuringExecution"].Items().Single()["podAffinityTerm"]!;
            apart["labelSelector"].Selects(pod.Labels).ShouldBeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Images_have_a_version_and_ours_is_the_projects(string cluster)
    {
        var version = XDocument.Parse(Repository.Read("Directory.Build.props")).Descendants("VersionPrefix").Single().Value;
        foreach (var pod in Kustomize.Render(cluster).Pods())
        {
            foreach (var image in pod.Containers.Select(c => c["image"].Text()!))
            {
                var tag = image[(image.LastIndexOf(':') + 1)..];
                tag.ShouldMatch(@"^\d+\.\d+", image);
                if (pod.IsClusterChat)
                    tag.ShouldBe(version);
            }

            if (pod.IsClusterChat)
                pod.Labels["app.kubernetes.io/version"].ShouldBe(version);
        }
    }

    private static IEnumerable<Pod> Nodes(IReadOnlyList<Manifest> all) => all.Pods().Where(p => p.IsClusterChat);
}
