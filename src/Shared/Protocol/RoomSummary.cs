namespace ClusterChat.Protocol;

/// <summary>A room in a list.</summary>
/// <param name="Room">Its name.</param>
/// <param name="Count">How many are in it; may be some seconds old.</param>
/// <param name="Seq">The number of its newest event; 0 for none.</param>
public sealed record RoomSummary(string Room, int Count, long Seq);
