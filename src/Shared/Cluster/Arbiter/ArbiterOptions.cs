using System.Runtime.CompilerServices;

namespace ClusterChat.Cluster.Arbiter;

/// <summary>How fast the cluster throws out who is dead, and how patient it is with who might not be.</summary>
public sealed record ArbiterOptions
{
    /// <summary>
    /// The pauses before each dial of a suspect. After <c>kill -9</c> the link breaks some milliseconds before the port refuses; 250 ms is
    /// where a busy machine's kernel has caught up as well.
    /// </summary>
    public IReadOnlyList<TimeSpan> DialPauses { get; init; } =
    [
        TimeSpan.Zero,
        TimeSpan.FromMilliseconds(5),
        TimeSpan.FromMilliseconds(15),
        TimeSpan.FromMilliseconds(40),
        TimeSpan.FromMilliseconds(100),
        TimeSpan.FromMilliseconds(250),
    ];

    /// <summary>How long one dial may take. In one network a dial takes less than 1 ms, across regions less than 250.</summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long a member is dialled again and again after a link to it was lost and does not come back. Then the failure detector has had its say.
    /// </summary>
    public TimeSpan LostLinkWatch { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// How long the set of unreachable nodes must stand still before a majority evicts it. All that a cut takes away is marked in one or two
    /// rounds of the detector's reaper (<c>akka.cluster.unreachable-nodes-reaper-interval</c>, 100 ms): who acts between the two takes
    /// a part for the whole, and perhaps itself for the majority.
    /// </summary>
    public TimeSpan MajorityPatience { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>The same for a half without the lowest address. Long enough that the other half, if it lives, is done by then.</summary>
    public TimeSpan HalfPatience { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The same for a minority, which acts only where the majority is really dead.</summary>
    public TimeSpan MinorityPatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A gap between two ticks (each 100 ms) from which on this process counts as having stood still: its detector then holds everybody
    /// for dead. A full garbage collection stays below.
    /// </summary>
    public TimeSpan FreezeGap { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>The least patience, and for how long, after this process stood still: four heartbeats put the detector right again.</summary>
    public TimeSpan FrozenPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After this time the patience with a set of unreachable nodes does not begin anew any more, however it changes, unless this node finds
    /// itself on a weaker side.
    /// </summary>
    public TimeSpan LongestPatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a node that is leaving and refuses dials may stay a member until it counts as crashed. Akka removes it in some rounds of
    /// gossip (100 ms each), on a loaded machine in some dozens.
    /// </summary>
    public TimeSpan LeavingGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long who learns of another's eviction waits for that one to down the node. Several who do it at once only make the gossip
    /// conflict; but who evicted may be dead itself.
    /// </summary>
    public TimeSpan BystanderPatience { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often the table is read in peace. It bounds how long a node that was evicted goes on without knowing.</summary>
    public TimeSpan ReadInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the table is read while somebody is suspected, down or unreachable; also how soon a failed call is repeated.</summary>
    public TimeSpan PressingReadInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a call of the table may take, whatever its adapter promises. Healthy ones take milliseconds.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a node that forms or joins a cluster looks at the table. Shows at the start only.</summary>
    public TimeSpan FormationInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often a node asks again for being let in by the same members. Akka asks each second by itself; that covers requests that are lost.</summary>
    public TimeSpan RejoinInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a joining node that reaches nobody listens for a sign of life in the table before it evicts those who are silent; and
    /// how long one waits for members that the table knows to appear in its own cluster. The members give such a sign at each
    /// <see cref="ReadInterval"/> while somebody has been joining for longer than <see cref="SignOfLifeAfter"/>.
    /// </summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a row may be joining before members give signs of life for it. A healthy join takes 1-2 s.</summary>
    public TimeSpan SignOfLifeAfter { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a node that has left tries to remove its row. The others would find out anyway.</summary>
    public TimeSpan LeaveTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; its name is in the message.</exception>
    public void Validate()
    {
        var least = TimeSpan.FromMilliseconds(1);
        if (DialPauses.Count == 0 || DialPauses.Any(p => p < TimeSpan.Zero))
            throw new ArgumentOutOfRangeException(nameof(DialPauses), "There has to be one dial at least, and no pause may be negative.");
        AtLeast(DialTimeout, least);
        AtLeast(LostLinkWatch, TimeSpan.Zero);
        AtLeast(MajorityPatience, least);
        AtLeast(HalfPatience, MajorityPatience);
        AtLeast(MinorityPatience, HalfPatience);
        AtLeast(FrozenPatience, MinorityPatience);
        AtLeast(LongestPatience, FrozenPatience);
        AtLeast(FreezeGap, DowningActor.TickInterval * 2);
        AtLeast(LeavingGrace, least);
        AtLeast(BystanderPatience, TimeSpan.Zero);
        AtLeast(PressingReadInterval, least);
        AtLeast(ReadInterval, PressingReadInterval);
        AtLeast(CallTimeout, least);
        AtLeast(FormationInterval, least);
        AtLeast(RejoinInterval, FormationInterval);
        AtLeast(SilenceLimit, SignOfLifeAfter + (ReadInterval * 4));
        AtLeast(SignOfLifeAfter, least);
        AtLeast(LeaveTimeout, least);
    }

    private static void AtLeast(TimeSpan value, TimeSpan least, [CallerArgumentExpression(nameof(value))] string? option = null) =>
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, option);
}
