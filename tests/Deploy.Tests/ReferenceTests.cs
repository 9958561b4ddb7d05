using ClusterChat.Deploy.Tests.Rendering;

namespace ClusterChat.Deploy.Tests;

/// <summary>What one object says about another one is true.</summary>
public sealed class ReferenceTests
{
    /// <summary>Secrets that an operator makes: the first lines of the overlay, or of the component, say how.</summary>
    private static readonly string[] External = ["clusterchat-database", "clusterchat-keys"];

    public static TheoryData<string> Clusters => Kustomize.Clusters;

    [Theory]
    [MemberData(nameof(Clusters))]
    public void All_objects_are_in_the_namespace_that_there_is(string cluster)
    {
        var all = Kustomize.Render(cluster);
        var home = all.Single(m => m.Kind == "Namespace").Name;
        all.Where(m => m.Kind != "Namespace" && m.Namespace != home).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Selectors_of_workloads_services_and_budgets_select_pods(string cluster)
    {
        var all = Kustomize.Render(cluster);
        foreach (var pod in all.Pods())
        {
            pod.Owner.Spec["selector"].Selects(pod.Labels).ShouldBeTrue($"{pod.Owner} does not select its own pods");
            all.Pods().Count(p => pod.Owner.Spec["selector"].Selects(p.Labels)).ShouldBe(1, $"{pod.Owner} selects pods of others");
        }

        foreach (var budget in all.Where(m => m.Kind == "PodDisruptionBudget"))
            all.Pods().Count(p => budget.Spec["selector"].Selects(p.Labels)).ShouldBe(1, budget.ToString());
        foreach (var service in all.Where(m => m.Kind == "Service"))
            SelectedBy(service, all).ShouldNotBeEmpty(service.ToString());
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Services_name_ports_that_each_pod_has_and_probes_do_too(string cluster)
    {
        var all = Kustomize.Render(cluster);
        foreach (var service in all.Where(m => m.Kind == "Service"))
        {
            foreach (var port in service.Spec["ports"].Items())
                SelectedBy(service, all).ShouldAllBe(p => p.PortNumber(port["targetPort"]) != null, $"{service}, port {port["name"]}");
        }

        foreach (var pod in all.Pods())
        {
            foreach (var probe in pod.Containers.SelectMany(c => c).Where(p => p.Key.EndsWith("Probe", StringComparison.Ordinal)).Select(p => p.Value!["httpGet"]).OfType<System.Text.Json.Nodes.JsonObject>())
                pod.PortNumber(probe["port"]).ShouldNotBeNull($"a probe of {pod.Owner}");
        }
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Every_referenced_object_is_there_or_known_to_be_an_operators(string cluster)
    {
        var all = Kustomize.Render(cluster);
        var made = all.Where(m => m.Kind == "Certificate").Select(m => m.Spec["secretName"].Text())
            .Concat(all.Where(m => m.Kind is "Ingress").SelectMany(m => m.Spec["tls"].Items()).Select(t => t["secretName"].Text()))
            .Concat(all.Where(m => m.Kind is "Secret").Select(m => m.Name))
            .Concat(External).ToHashSet(StringComparer.Ordinal);
        foreach (var pod in all.Pods())
        {
            all.ShouldContain(m => m.Kind == "ServiceAccount" && m.Name == pod.Spec["serviceAccountName"].Text(), $"the account of {pod.Owner}");
            foreach (var secret in pod.Template.Descend().Select(o => o["secretName"].Text() ?? o["secretKeyRef"]?["name"].Text()).OfType<string>())
                made.ShouldContain(secret, $"a secret of {pod.Owner}");
            foreach (var map in pod.Template.Descend().Select(o => o["configMapRef"]?["name"].Text() ?? o["configMap"]?["name"].Text()).OfType<string>())
                all.ShouldContain(m => m.Kind == "ConfigMap" && m.Name == map, $"a ConfigMap of {pod.Owner}");
            var volumes = pod.Spec["volumes"].Items().Concat(pod.Owner.Spec["volumeClaimTemplates"].Items().Select(t => t["metadata"]!.AsObject())).Select(v => v["name"].Text()).ToList();
            pod.Containers.SelectMany(c => c["volumeMounts"].Items()).Select(m => m["name"].Text()).Distinct().ShouldBe(volumes, ignoreOrder: true, pod.Owner.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void An_operators_secrets_are_named_where_he_reads_and_none_is_in_any_file(string cluster)
    {
        var all = Kustomize.Render(cluster);
        var missing = External.Where(s => all.Pods().Any(p => p.Template.ToJsonString().Contains($"\"{s}\"", StringComparison.Ordinal)) && !all.Any(m => m.Kind == "Secret" && m.Name.StartsWith(s, StringComparison.Ordinal)));
        foreach (var secret in missing)
            Repository.Read((cluster is Kustomize.Production or Kustomize.Everything ? Kustomize.Production : Kustomize.Dev) + "/kustomization.yaml").ShouldContain("create secret generic " + secret);
        all.Where(m => m.Kind == "Secret").ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Autoscalers_scale_a_workload_that_leaves_its_replicas_to_them(string cluster)
    {
        var all = Kustomize.Render(cluster);
        var scalers = all.Where(m => m.Kind == "HorizontalPodAutoscaler").ToList();
        scalers.Count.ShouldBe(2);
        foreach (var scaler in scalers)
        {
            var target = all.Single(m => m.Kind == scaler.Spec["scaleTargetRef"]!["kind"].Text() && m.Name == scaler.Spec["scaleTargetRef"]!["name"].Text());
            target.Spec.ContainsKey("replicas").ShouldBeFalse($"an apply would set {target} back");
            foreach (var metric in scaler.Spec["metrics"].Items().Select(m => m["containerResource"]).OfType<System.Text.Json.Nodes.JsonObject>())
                target.Pod!.Node["name"].Text().ShouldBe(metric["container"].Text());

            // A share of what is requested.
            target.Pod!.Node["resources"]!["requests"]!["cpu"].ShouldNotBeNull();
        }
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Entrances_lead_to_the_public_port_of_gateways_and_nowhere_else(string cluster)
    {
        var all = Kustomize.Render(cluster);
        var backends = all.Where(m => m.Kind is "Ingress" or "HTTPRoute").SelectMany(m => m.Spec.Descend())
            .SelectMany(o => o["backendRefs"].Items().Select(b => (Name: b["name"].Text(), Port: b["port"]!.ToJsonString()))
                .Concat(o["service"] is { } s ? [(s["name"].Text(), s["port"]!["name"]!.ToJsonString())] : []));
        backends.Count().ShouldBe(cluster == Kustomize.Dev ? 0 : 1);
        foreach (var (name, wanted) in backends)
        {
            var service = all.Single(m => m.Kind == "Service" && m.Name == name);
            var port = service.Spec["ports"].Items().Single(p => p["name"]!.ToJsonString() == wanted || p["port"]!.ToJsonString() == wanted);
            SelectedBy(service, all).ShouldAllBe(p => p.Labels["app.kubernetes.io/component"] == "gateway" && p.PortNumber(port["targetPort"]) == 8080);
        }

        foreach (var route in all.Where(m => m.Kind == "HTTPRoute"))
        {
            var parent = route.Spec["parentRefs"].Items().Single();
            all.Single(m => m.Kind == "Gateway" && m.Name == parent["name"].Text()).Spec["listeners"].Items().ShouldContain(l => l["name"].Text() == parent["sectionName"].Text());
        }
    }

    [Fact]
    public void Certificates_are_signed_by_issuers_that_are_there()
    {
        var all = Kustomize.Render(Kustomize.Everything);
        var certificates = all.Where(m => m.Kind == "Certificate").ToList();
        certificates.Count.ShouldBe(2);
        foreach (var certificate in certificates)
            all.ShouldContain(m => m.Kind == "Issuer" && m.Name == certificate.Spec["issuerRef"]!["name"].Text());
        foreach (var issuer in all.Where(m => m.Kind == "Issuer").Select(m => m.Spec["ca"]?["secretName"].Text()).OfType<string>())
            certificates.ShouldContain(c => c.Spec["secretName"].Text() == issuer);
    }

    [Fact]
    public void Prometheus_finds_every_node_and_a_port_that_is_there()
    {
        var all = Kustomize.Render(Kustomize.Everything);
        var monitor = all.Single(m => m.Kind == "ServiceMonitor");
        var service = all.Single(m => m.Kind == "Service" && monitor.Spec["selector"].Selects(m.Labels));
        SelectedBy(service, all).Count().ShouldBe(2);
        service.Spec["ports"].Items().Select(p => p["name"].Text()).ShouldContain(monitor.Spec["endpoints"].Items().Single()["port"].Text());
    }

    [Fact]
    public void Grafana_finds_the_dashboard_that_is_kept_for_everybody()
    {
        var map = Kustomize.Render(Kustomize.Everything).Single(m => m.Kind == "ConfigMap" && m.Labels.ContainsKey("grafana_dashboard"));
        map.Name.ShouldBe("clusterchat-dashboard", "a hash in the name would leave old ones behind");
        map.Root["data"].ToMap().Single().Value.ShouldBe(Repository.Read("deploy/observability/grafana/clusterchat.json"));
    }

    private static IEnumerable<Pod> SelectedBy(Manifest service, IReadOnlyList<Manifest> all)
    {
        var wanted = service.Spec["selector"].ToMap();
        return all.Pods().Where(p => wanted.All(w => p.Labels.GetValueOrDefault(w.Key) == w.Value));
    }
}
