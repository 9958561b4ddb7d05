using ClusterChat.Cluster.Membership;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.TestKit;

/// <summary>One process's way to the store: to its rooms and to its table of nodes.</summary>
/// <param name="process">The process.</param>
/// <param name="faulty">Its rooms, with the faults of the way.</param>
/// <param name="journal">The same, as the process calls it.</param>
/// <param name="membership">Its table of nodes, with the faults of the way.</param>
internal sealed class SimStoreAccess(SimulatedProcess process, FaultyJournal faulty, IJournal journal, FaultyMembershipStore membership)
{
    public SimulatedProcess Process => process;

    public IJournal Journal => journal;

    public IMembershipStore Membership => membership;

    /// <summary>This process alone cannot reach the store.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>Sets what it can reach.</summary>
    /// <param name="isAway">The store is away for all.</param>
    /// <param name="isCutOff">See <see cref="IsCutOff"/>.</param>
    /// <param name="isSilent">Whether calls of the table are swallowed instead of refused.</param>
    public void Set(bool isAway, bool isCutOff, bool isSilent)
    {
        IsCutOff = isCutOff;
        faulty.IsAway = membership.IsAway = isAway || isCutOff;
        membership.IsBlackHole = (isAway || isCutOff) && isSilent;
    }
}
