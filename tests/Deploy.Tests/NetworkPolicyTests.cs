using ClusterChat.Deploy.Tests.Network;
using ClusterChat.Deploy.Tests.Rendering;

namespace ClusterChat.Deploy.Tests;

/// <summary>For every pair of pods and every port: allowed is what is needed, and nothing else.</summary>
public sealed class NetworkPolicyTests
{
    private static readonly (int Port, string Protocol)[] Ports =
        [(22, "TCP"), (53, "TCP"), (53, "UDP"), (443, "TCP"), (5432, "TCP"), (8080, "TCP"), (8089, "TCP"), (9081, "TCP"), (9081, "UDP"), (9090, "TCP")];

    private static readonly Peer[] Surroundings =
    [
        Peer.In("clusterchat", "intruder", ("run", "debug")),
        Peer.In("default", "stranger", ("app.kubernetes.io/name", "clusterchat")),
        Peer.In("monitoring", "prometheus", ("app.kubernetes.io/name", "prometheus")),
        Peer.In("monitoring", "grafana", ("app.kubernetes.io/name", "grafana")),
        Peer.In("ingress-nginx", "nginx", ("app.kubernetes.io/name", "ingress-nginx")),
        Peer.In("envoy-gateway-system", "envoy"),
        Peer.In("kube-system", "dns", ("k8s-app", "kube-dns")),
        Peer.In("kube-system", "other-system"),
        Peer.Outside("local-dns", "169.254.20.10"),
        Peer.Outside("metadata", "169.254.169.254"),
        Peer.Outside("database", "10.20.0.5"),
        Peer.Outside("internet", "203.0.113.9"),
    ];

    [Fact]
    public void In_a_trial_nodes_reach_each_other_the_database_and_names_and_clients_come_from_anywhere()
        => Allowed(Kustomize.Dev).ShouldBe(
            [
                .. Nodes,
                "gateway > postgres 5432/TCP", "rooms > postgres 5432/TCP",
                "stranger > gateway 8080/TCP", "prometheus > gateway 8080/TCP", "grafana > gateway 8080/TCP", "nginx > gateway 8080/TCP",
                "envoy > gateway 8080/TCP", "dns > gateway 8080/TCP", "other-system > gateway 8080/TCP", "local-dns > gateway 8080/TCP",
                "metadata > gateway 8080/TCP", "database > gateway 8080/TCP", "internet > gateway 8080/TCP",
            ],
            ignoreOrder: true);

    [Theory]
    [InlineData(Kustomize.Production)]
    [InlineData(Kustomize.Everything)]
    public void In_production_clients_come_through_the_entrance_only(string cluster)
        => Allowed(cluster).ShouldBe(
            [
                .. Nodes,
                "gateway > database 5432/TCP", "rooms > database 5432/TCP", "nginx > gateway 8080/TCP", "nginx > solver 8089/TCP",
            ],
            ignoreOrder: true);

    [Fact]
    public void Behind_a_gateway_of_the_gateway_api_too()
        => Allowed(Kustomize.GatewayApi).ShouldBe(
            [.. Nodes, "gateway > postgres 5432/TCP", "rooms > postgres 5432/TCP", "envoy > gateway 8080/TCP"], ignoreOrder: true);

    private static IEnumerable<string> Nodes =>
    [
        "gateway > rooms 9081/TCP", "rooms > gateway 9081/TCP", "gateway > gateway 9081/TCP", "rooms > rooms 9081/TCP",
        "gateway > dns 53/UDP", "gateway > dns 53/TCP", "rooms > dns 53/UDP", "rooms > dns 53/TCP",
        "gateway > local-dns 53/UDP", "gateway > local-dns 53/TCP", "rooms > local-dns 53/UDP", "rooms > local-dns 53/TCP",
        "prometheus > gateway 9090/TCP", "prometheus > rooms 9090/TCP",
    ];

    private static List<string> Allowed(string cluster)
    {
        var all = Kustomize.Render(cluster);
        var model = new PolicyModel([.. all.Where(m => m.Kind == "NetworkPolicy")]);
        List<Peer> ours = [.. all.Pods().Select(p => new Peer(p.Labels.GetValueOrDefault("app.kubernetes.io/component", p.Owner.Name), "clusterchat", p.Labels))];
        if (all.Any(m => m.Kind == "Ingress"))
            ours.Add(Peer.In("clusterchat", "solver", ("acme.cert-manager.io/http01-solver", "true")));
        Peer[] peers = [.. ours, .. Surroundings];
        return [..
            from a in peers
            from b in peers
            where a.Namespace == "clusterchat" || b.Namespace == "clusterchat"
            from p in Ports
            where model.Allows(a, b, p.Port, p.Protocol)
            select $"{a.Name} > {b.Name} {p.Port}/{p.Protocol}"];
    }
}
