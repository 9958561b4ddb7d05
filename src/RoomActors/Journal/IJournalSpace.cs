namespace ClusterChat.RoomActors.Journal;

/// <summary>Whether the journal has space for more. Asked once a message: it must not cost anything.</summary>
public interface IJournalSpace
{
    /// <summary>Whether no further message is to be written for now. What is under way is still committed.</summary>
    bool IsFull { get; }
}
