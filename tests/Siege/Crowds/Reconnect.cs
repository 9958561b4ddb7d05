using System.Globalization;
using ClusterChat.Siege.Attacks;
using ClusterChat.Siege.Honest;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Crowds;

/// <summary>All clients of a gateway that has died come to this one, at the same moment.</summary>
internal sealed class Reconnect : Crowd
{
    private const int Clients = 2000, PerRoom = 20, RoomsEach = 3, PerSecond = 50;

    public override string Name => "reconnect";

    public override string Title => "2,000 clients in 3 rooms each whose lines break at once, and who come back at once";

    protected override HonestPlan Plan(AttackField field) => new()
    {
        Name = "guest",
        Count = field.Of(Clients),
        From = Addresses.OfCrowd,
        Rooms = number => [.. Enumerable.Range(0, RoomsEach).Select(i => string.Create(CultureInfo.InvariantCulture, $"floor-{i}-{number / PerRoom}"))],
        PerSecond = PerSecond,
    };

    protected override Task LiveAsync(AttackField field, HonestCrowd crowd, CancellationToken stop)
    {
        crowd.CutLines();
        return InAsync(field, crowd, "back in them", stop);
    }
}
