using System.ComponentModel.DataAnnotations;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>The limits of rooms. Section <c>Rooms</c> of the configuration.</summary>
public sealed class RoomOptions
{
    /// <summary>The newest events that an active durable room keeps in memory. Four pages of the largest usual size.</summary>
    public int TailEvents { get; set; } = 256;

    /// <summary>The bytes of event lines that an active room keeps in memory, whatever <see cref="TailEvents"/> says.</summary>
    public int TailBytes { get; set; } = 512 * 1024;

    /// <summary>
    /// The writes whose ids an active durable room remembers. Older repeats are answered by the journal's index,
    /// so this is a cache: it covers what is in flight at a fail-over.
    /// </summary>
    public int MidWindow { get; set; } = 1024;

    /// <summary>The events that a memory room keeps; it has no other history.</summary>
    public int MemoryTailEvents { get; set; } = 1000;

    /// <summary>How long a memory room remembers the ids of writes.</summary>
    public TimeSpan MemoryMidAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The ids of writes that a memory room remembers at most: about 100 writes a second for 10 minutes.</summary>
    public int MemoryMidWindow { get; set; } = 65_536;

    /// <summary>The writes that a room takes while the journal is busy with its earlier ones; more are answered <c>busy</c>.</summary>
    public int MaxWaitingWrites { get; set; } = 2048;

    /// <summary>The writes of one room in one commit.</summary>
    public int MaxBatchWrites { get; set; } = 512;

    /// <summary>
    /// From the beginning of a node's commit to that of the next, at least, as long as only a few events wait; an idle node
    /// commits at once. Like PostgreSQL's commit_delay; 2 ms from measurement, see docs/performance.md.
    /// </summary>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>The requests that a room keeps while it opens; more are answered <c>busy</c>.</summary>
    public int MaxStashed { get; set; } = 4096;

    /// <summary>How long a room stays active without subscribers.</summary>
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The same for a durable room that has no event: there is nothing in memory that would be missed, and anybody can ask for any name. 2 s: who looks
    /// before joining does so within a second.
    /// </summary>
    public TimeSpan EmptyIdleAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The rooms that may be active on a node; more are answered <c>busy</c>. From three quarters of it on, rooms without subscribers stop at once.
    /// 0 lifts the limit. Null: as many as go into a quarter of the memory that the process may have, at <see cref="BytesOfRoom"/> each.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int? MaxActive { get; set; }

    /// <summary>What an active room takes that nobody has written to, with its place in the shard; from measurement (7 to 8 KB with a subscription), and then some.</summary>
    internal const int BytesOfRoom = 5_000;

    /// <summary><see cref="MaxActive"/> as it is to be kept.</summary>
    internal int ActiveLimit => MaxActive switch
    {
        null => (int)Math.Min(int.MaxValue, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 / BytesOfRoom),
        0 => int.MaxValue,
        { } most => most,
    };

    /// <summary>Up to so many members, names are told one by one; above, the count alone, at most once a second.</summary>
    [Range(0, int.MaxValue)]
    public int NamedPresence { get; set; } = 200;

    /// <summary>
    /// How often a second a room's members are told by name who came and who left; what comes in between gathers, and who did both is not mentioned. 4: nobody
    /// waits for more than a quarter of a second, and somebody who joins and leaves all the time is four lines a second to each member at most.
    /// </summary>
    [Range(0.1, double.MaxValue)]
    public double PresencePerSecond { get; set; } = 4;

    /// <summary>How often they are told at once after a pause: each of ten who come one after the other is seen at once.</summary>
    [Range(1, int.MaxValue)]
    public int PresenceBurst { get; set; } = 10;

    /// <summary>The largest page of events.</summary>
    public int MaxPage { get; set; } = 200;

    /// <summary>The bytes of event lines in a page after which it ends early (at least one event is in it).</summary>
    public int MaxPageBytes { get; set; } = 256 * 1024;

    /// <summary>
    /// The reads of the journal that a node has under way at once, pages and lists; the others wait, in turns of their rooms. As many as a node has connections
    /// to PostgreSQL for it, and enough to keep the two reading threads of SQLite busy.
    /// </summary>
    public int ReadsAtOnce { get; set; } = 4;

    /// <summary>
    /// The reads of the journal that wait on a node. Beyond it the newest one of the room with most of them is answered <c>unavailable</c>. The largest pages take
    /// about a millisecond each: what waits has its turn within a second, long before its gateway gives up.
    /// </summary>
    public int MaxWaitingReads { get; set; } = 1024;

    /// <summary>How often heads are repeated to subscribers.</summary>
    public TimeSpan HeadInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The first pause before a room is opened again after the journal failed; doubled up to 16 times this.</summary>
    public TimeSpan ReopenAfter { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a durable room that moves waits for the nodes that keep what it knew, before it stops without their word. A quarter of a
    /// second: some round trips of a slow network.
    /// </summary>
    public TimeSpan HandoverWait { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The same for a memory room, which loses its history without: as long as gateways wait for an answer.</summary>
    public TimeSpan MemoryHandoverWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a memory room that takes over its log waits for all others to say that they will not go on with it, before it begins another one. As long as it takes
    /// to evict a node that is out of reach, and less than requests wait for.
    /// </summary>
    public TimeSpan MemoryClaimWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a node keeps what rooms knew that stopped elsewhere. Sharding needs well under a second to find them a new place.</summary>
    public TimeSpan KeptFor { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>About how many bytes of it a node keeps; the oldest go first.</summary>
    public long KeptBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>About how many bytes a durable room hands over: some hundred events, for those who resume after a short break.</summary>
    public int HandoverBytes { get; set; } = 64 * 1024;

    /// <summary>About how many bytes a memory room hands over: all of its events as <see cref="TailBytes"/> stands, and as many ids again.</summary>
    public int MemoryHandoverBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long members that were handed over stay without word of their gateway. 5 s: gateways open their streams within
    /// milliseconds, or with their next try after a silence of 2 s.
    /// </summary>
    public TimeSpan GatewayWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a name stays its user's in a room after the user's line broke. 3 minutes: a tunnel, a lift, a laptop that starts again. Who
    /// takes its leave has it no longer.
    /// </summary>
    public TimeSpan NameHeldFor { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>The names that are held for one user in a room; the oldest goes first. Two tabs under names of their own, and as many again.</summary>
    [Range(1, int.MaxValue)]
    public int NamesHeldPerUser { get; set; } = 4;

    /// <summary>The names that are held in a room; the oldest go first. 0: none. All of a conference whose gateway was killed.</summary>
    [Range(0, int.MaxValue)]
    public int NamesHeldPerRoom { get; set; } = 1000;

    /// <summary>
    /// The names that are held in all rooms of a node; the oldest go first. Some 400 bytes each, 20 MB in all: 10,000 clients of a killed gateway, each in five
    /// rooms.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int NamesHeldPerNode { get; set; } = 50_000;

    /// <summary>
    /// Names of rooms that are kept in memory only; <c>*</c> at the end stands for any rest, such as <c>game:*</c>.
    /// </summary>
    public IList<string> Memory { get; } = [];

    /// <summary>Whether a room has no journal.</summary>
    public bool IsMemory(string room)
    {
        foreach (var pattern in Memory)
        {
            if (pattern.EndsWith('*')
                ? room.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal)
                : room == pattern)
            {
                return true;
            }
        }

        return false;
    }
}
