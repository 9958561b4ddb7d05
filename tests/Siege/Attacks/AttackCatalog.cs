using ClusterChat.Siege.Crowds;

namespace ClusterChat.Siege.Attacks;

/// <summary>All attacks, in the order in which they run.</summary>
internal static class AttackCatalog
{
    public static IReadOnlyList<Attack> All { get; } =
    [
        new Nothing(),
        new UnfinishedPosts(),
        new UnfinishedHeaders(),
        new HalfFrames(),
        new RoomsByJoin(),
        new RoomsByGet(),
        new SilentSockets(),
        new BigReads(),
        new DeafReaders("deaf-readers", connections: 60, pages: 28),
        new DeafReaders("deaf-crowd", connections: 250, pages: 2),
        new PresenceStorm(),
        new ManyUsers(),
        new ProxiedCrowd(),
        new Reconnect(),
        new Conference(),
        new HttpBot(),
    ];

    /// <summary>The attack of a name; null where there is none.</summary>
    public static Attack? Find(string name) => All.FirstOrDefault(a => a.Name == name);
}
