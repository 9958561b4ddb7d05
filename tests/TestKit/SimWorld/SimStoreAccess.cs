using ClusterChat.RoomActors.Journal;

namespace ClusterChat.TestKit;

/// <summary>One process's way to the store.</summary>
/// <param name="process">The process.</param>
/// <param name="faulty">Its rooms, with the faults of the way.</param>
/// <param name="journal">The same, as the process calls it.</param>
internal sealed class SimStoreAccess(SimulatedProcess process, FaultyJournal faulty, IJournal journal)
{
    public SimulatedProcess Process => process;

    public IJournal Journal => journal;

    /// <summary>Whether the process can reach the store.</summary>
    public bool IsReachable => !faulty.IsAway;

    /// <summary>This process alone cannot reach the store.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>Sets what it can reach.</summary>
    /// <param name="isAway">The store is away for all.</param>
    /// <param name="isCutOff">See <see cref="IsCutOff"/>.</param>
    public void Set(bool isAway, bool isCutOff)
    {
        IsCutOff = isCutOff;
        faulty.IsAway = isAway || isCutOff;
    }
}
