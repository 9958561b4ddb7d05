using System.Globalization;
using ClusterChat.Siege.Attacks;
using ClusterChat.Siege.Honest;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Crowds;

/// <summary>
/// A large crowd of one address, behind a proxy that is named. The connections come from the proxy's address with the header that it sets,
/// which is all that the node sees of a proxy.
/// </summary>
internal sealed class ProxiedCrowd : Crowd
{
    private const int Clients = 10_000, PerRoom = 50, PerSecond = 20;

    public override string Name => "crowd-behind-proxy";

    public override string Title => "10,000 clients of one address behind a proxy that is named";

    public override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Proxy:Networks:0"] = Addresses.Proxy + "/32",
    };

    protected override HonestPlan Plan(AttackField field) => new()
    {
        Name = "fan",
        Count = field.Of(Clients),
        From = _ => Addresses.Proxy,
        Headers = "X-Forwarded-For: 203.0.113.7\r\n",
        Rooms = number => [string.Create(CultureInfo.InvariantCulture, $"stand-{number / PerRoom}")],
        PerSecond = PerSecond,
    };
}
