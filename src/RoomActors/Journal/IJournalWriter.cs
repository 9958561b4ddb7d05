namespace ClusterChat.RoomActors.Journal;

/// <summary>Where rooms hand in what they want committed.</summary>
internal interface IJournalWriter
{
    /// <summary>
    /// Appends one room's events with the next commit. Never fails: what cannot be told is
    /// <see cref="AppendStatus.Unknown"/>.
    /// </summary>
    ValueTask<AppendResult> AppendAsync(AppendEntry entry);
}
