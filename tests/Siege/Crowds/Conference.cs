using System.Globalization;
using ClusterChat.Siege.Attacks;
using ClusterChat.Siege.Honest;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Crowds;

/// <summary>A conference: all are behind one NAT, and each looks into several rooms.</summary>
internal sealed class Conference : Crowd
{
    private const int Clients = 500, Rooms = 60, RoomsEach = 6, PerSecond = 100;

    public override string Name => "conference";

    public override string Title => "500 clients of one address in 6 rooms each";

    protected override HonestPlan Plan(AttackField field) => new()
    {
        Name = "guest",
        Count = field.Of(Clients),
        From = _ => Addresses.OfCrowd(0),
        Rooms = number => [.. Enumerable.Range(0, RoomsEach).Select(i => string.Create(CultureInfo.InvariantCulture, $"track-{(number + (i * 7)) % Rooms}"))],
        PerSecond = PerSecond,
        Reads = true,
    };
}
