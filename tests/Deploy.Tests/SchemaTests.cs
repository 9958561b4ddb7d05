using ClusterChat.Deploy.Tests.Rendering;
using k8s;

namespace ClusterChat.Deploy.Tests;

/// <summary>Each object is one that Kubernetes takes: its own client's types read it, and know every key of it.</summary>
public sealed class SchemaTests
{
    /// <summary>Kinds of others; the keys that they have below <c>spec</c>, from their documentation.</summary>
    private static readonly Dictionary<string, string[]> Others = new(StringComparer.Ordinal)
    {
        ["cert-manager.io/v1 Issuer"] = ["selfSigned", "ca"],
        ["cert-manager.io/v1 Certificate"] =
            ["isCA", "commonName", "dnsNames", "secretName", "duration", "renewBefore", "usages", "privateKey", "issuerRef"],
        ["gateway.networking.k8s.io/v1 Gateway"] = ["gatewayClassName", "listeners"],
        ["gateway.networking.k8s.io/v1 HTTPRoute"] = ["parentRefs", "hostnames", "rules"],
        ["monitoring.coreos.com/v1 ServiceMonitor"] = ["selector", "endpoints"],
    };

    public static TheoryData<string> Clusters => Kustomize.Clusters;

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Every_object_has_only_keys_that_its_kind_has(string cluster)
    {
        foreach (var manifest in Kustomize.Render(cluster))
        {
            if (Others.TryGetValue($"{manifest.ApiVersion} {manifest.Kind}", out var keys))
                manifest.Spec.Select(p => p.Key).Except(keys, StringComparer.Ordinal).ShouldBeEmpty(manifest.ToString());
            else
                Should.NotThrow(() => KubernetesYaml.LoadAllFromString(manifest.Text, strict: true), manifest.ToString()).ShouldHaveSingleItem();
        }
    }

    [Fact]
    public void A_key_that_does_not_exist_is_noticed()
    {
        var budget = Kustomize.Render(Kustomize.Dev).First(m => m.Kind == "PodDisruptionBudget");
        Should.Throw<Exception>(() => KubernetesYaml.LoadAllFromString(budget.Text.Replace("maxUnavailable", "maxUnavailble", StringComparison.Ordinal), strict: true));
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Names_and_labels_are_the_recommended_ones(string cluster)
    {
        foreach (var manifest in Kustomize.Render(cluster))
        {
            manifest.Name.ShouldMatch("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$");
            if (manifest.Kind is not ("NetworkPolicy" or "Secret" or "ConfigMap" or "Namespace"))
                manifest.Labels.Keys.ShouldContain("app.kubernetes.io/name", manifest.ToString());
            if (manifest.Kind is not ("NetworkPolicy" or "Secret"))
                manifest.Labels.GetValueOrDefault("app.kubernetes.io/part-of").ShouldBe("clusterchat", manifest.ToString());
        }
    }
}
