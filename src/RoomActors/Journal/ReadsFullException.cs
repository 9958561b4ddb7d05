namespace ClusterChat.RoomActors.Journal;

/// <summary>A read was refused unread, since too many others wait. Try again later.</summary>
internal sealed class ReadsFullException() : Exception("too many reads of the journal are waiting");
