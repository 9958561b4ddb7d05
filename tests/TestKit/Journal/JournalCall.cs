using ClusterChat.RoomActors.Journal;

namespace ClusterChat.TestKit;

/// <summary>Which method of <see cref="IJournal"/> a call is about.</summary>
public enum JournalOperation
{
    /// <summary><see cref="IJournal.OpenAsync"/>.</summary>
    Open,

    /// <summary><see cref="IJournal.AppendAsync"/>.</summary>
    Append,

    /// <summary><see cref="IJournal.ReadAsync"/>.</summary>
    Read,

    /// <summary><see cref="IJournal.ListRoomsAsync"/>.</summary>
    ListRooms,
}

/// <summary>A call that <see cref="FaultyJournal"/> asks the test about.</summary>
/// <param name="Number">Its number among all calls, from 1.</param>
/// <param name="Operation">Which method.</param>
/// <param name="Room">The room to open or read; the prefix of a list; empty for an append.</param>
/// <param name="Batch">The entries of an append; empty otherwise.</param>
public sealed record JournalCall(long Number, JournalOperation Operation, string Room, IReadOnlyList<AppendEntry> Batch);
