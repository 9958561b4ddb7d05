using System.Net;
using System.Text.Json.Nodes;
using ClusterChat.Deploy.Tests.Rendering;

namespace ClusterChat.Deploy.Tests.Network;

/// <summary>
/// What NetworkPolicies allow, as their specification says: a pod that a policy selects for a direction may do what any such
/// policy allows, and nothing else; a pod that none selects may do all. Both ends have to agree.
/// </summary>
internal sealed class PolicyModel(IReadOnlyList<Manifest> policies)
{
    public bool Allows(Peer from, Peer to, int port, string protocol)
        => Allows("Egress", "egress", "to", from, to, port, protocol) && Allows("Ingress", "ingress", "from", to, from, port, protocol);

    private bool Allows(string type, string rules, string peers, Peer self, Peer other, int port, string protocol)
    {
        var selecting = policies.Where(p => p.Namespace == self.Namespace && p.Spec["policyTypes"].Texts().Contains(type, StringComparer.Ordinal)
            && p.Spec["podSelector"].Selects(self.Labels)).ToList();
        return selecting.Count == 0 || selecting.Exists(p => p.Spec[rules].Items().Any(rule =>
            (rule[peers] is null || rule[peers].Items().Any(peer => Matches(peer, p.Namespace!, other)))
            && (rule["ports"] is null || rule["ports"].Items().Any(entry => entry["port"]!.GetValue<int>() == port && entry["protocol"].Text() == protocol))));
    }

    private static bool Matches(JsonObject peer, string home, Peer other)
    {
        if (peer["ipBlock"] is JsonObject block)
            return other.Address is { } address && IPNetwork.Parse(block["cidr"].Text()!).Contains(IPAddress.Parse(address)) && !block.ContainsKey("except");
        if (other.Namespace is null)
            return false;
        var inNamespace = peer["namespaceSelector"] is { } spaces
            ? spaces.Selects(new Dictionary<string, string>(StringComparer.Ordinal) { ["kubernetes.io/metadata.name"] = other.Namespace })
            : other.Namespace == home;
        return inNamespace && (peer["podSelector"] is not { } pods || pods.Selects(other.Labels));
    }
}
