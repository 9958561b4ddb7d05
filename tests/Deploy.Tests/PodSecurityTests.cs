using System.Text.Json.Nodes;
using ClusterChat.Deploy.Tests.Rendering;

namespace ClusterChat.Deploy.Tests;

/// <summary>
/// The level <c>restricted</c> of the Pod Security Standards, rule by rule, for every pod; and what is asked beyond it.
/// Source: kubernetes.io, Pod Security Standards.
/// </summary>
public sealed class PodSecurityTests
{
    private static readonly string[] Volumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    public static TheoryData<string> Clusters => Kustomize.Clusters;

    [Theory]
    [MemberData(nameof(Clusters))]
    public void The_namespace_enforces_restricted(string cluster)
        => Kustomize.Render(cluster).Single(m => m.Kind == "Namespace").Labels["pod-security.kubernetes.io/enforce"].ShouldBe("restricted");

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Pods_share_nothing_with_the_machine(string cluster)
    {
        foreach (var pod in Kustomize.Render(cluster).Pods())
        {
            foreach (var key in new[] { "hostNetwork", "hostPID", "hostIPC" })
                pod.Spec.ContainsKey(key).ShouldBeFalse($"{key} of {pod.Owner}");
            pod.Containers.SelectMany(c => c["ports"].Items()).ShouldAllBe(p => !p.ContainsKey("hostPort"), pod.Owner.ToString());
            foreach (var volume in pod.Spec["volumes"].Items())
                volume.Select(p => p.Key).Single(k => k != "name").ShouldBeOneOf(Volumes);
        }
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Pods_run_as_a_user_without_any_rights(string cluster)
    {
        foreach (var pod in Kustomize.Render(cluster).Pods())
        {
            var security = pod.Spec["securityContext"]!.AsObject();
            security["runAsNonRoot"]!.GetValue<bool>().ShouldBeTrue();
            security["runAsUser"]!.GetValue<int>().ShouldBeGreaterThan(0);
            security["runAsGroup"]!.GetValue<int>().ShouldBeGreaterThan(0);
            security["seccompProfile"]!["type"].Text().ShouldBe("RuntimeDefault");
            security.Select(p => p.Key).Intersect(["sysctls", "seLinuxOptions", "windowsOptions", "appArmorProfile"], StringComparer.Ordinal).ShouldBeEmpty();
            pod.Spec["initContainers"].ShouldBeNull();
            pod.Spec["ephemeralContainers"].ShouldBeNull();
            foreach (var context in pod.Containers.Select(c => c["securityContext"]!.AsObject()))
            {
                // Nothing else is set, so nothing else can weaken the pod's.
                context.Select(p => p.Key).ShouldBe(["allowPrivilegeEscalation", "capabilities", "readOnlyRootFilesystem"], ignoreOrder: true);
                context["allowPrivilegeEscalation"]!.GetValue<bool>().ShouldBeFalse();
                context["capabilities"]!.AsObject().Select(p => p.Key).ShouldBe(["drop"]);
                context["capabilities"]!["drop"].Texts().ShouldBe(["ALL"]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Beyond_it_nothing_can_be_written_but_volumes_and_no_pod_knows_the_cluster(string cluster)
    {
        var all = Kustomize.Render(cluster);
        foreach (var pod in all.Pods())
        {
            pod.Containers.ShouldAllBe(c => c["securityContext"]!["readOnlyRootFilesystem"]!.GetValue<bool>());
            pod.Spec["automountServiceAccountToken"]!.GetValue<bool>().ShouldBeFalse();
            pod.Spec["enableServiceLinks"]!.GetValue<bool>().ShouldBeFalse();
            foreach (var resources in pod.Containers.Select(c => c["resources"]!))
            {
                resources["limits"]!["memory"].ShouldNotBeNull();
                resources["requests"]!["memory"].ShouldNotBeNull();
                resources["requests"]!["cpu"].ShouldNotBeNull();
            }
        }

        all.Where(m => m.Kind == "ServiceAccount").ShouldAllBe(m => !m.Root["automountServiceAccountToken"]!.GetValue<bool>());
        all.Where(m => m.Kind.Contains("Role", StringComparison.Ordinal)).ShouldBeEmpty("nodes ask nothing of Kubernetes");
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Mounted_secrets_can_be_read_by_the_group_and_by_nobody_else(string cluster)
    {
        foreach (var pod in Kustomize.Render(cluster).Pods())
        {
            pod.Spec["securityContext"]!["fsGroup"]!.GetValue<int>().ShouldBe(pod.Spec["securityContext"]!["runAsGroup"]!.GetValue<int>());
            foreach (var secret in pod.Spec["volumes"].Items().Select(v => v["secret"]).OfType<JsonObject>())
                secret["defaultMode"]!.GetValue<int>().ShouldBe(0x120, "0440");
        }
    }
}
