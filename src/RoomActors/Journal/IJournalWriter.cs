namespace ClusterChat.RoomActors.Journal;

/// <summary>Where rooms hand in what they want committed.</summary>
internal interface IJournalWriter
{
    /// <summary>
    /// Appends one room's events with the next commit. Never fails: what cannot be told is
    /// <see cref="AppendStatus.Unknown"/>.
    /// </summary>
    /// <param name="entry">The events.</param>
    /// <param name="caller">Who hears what became of them, once, from any thread or before this returns.</param>
    void Append(AppendEntry entry, IAppendCaller caller);
}

/// <summary>Who waits for an append. An object and no task: each message of a room goes this way.</summary>
internal interface IAppendCaller
{
    /// <summary>What became of it. Must not block.</summary>
    void Answered(AppendResult result);
}
