namespace ClusterChat.Storage;

/// <summary>How much space there is.</summary>
/// <param name="Free">Bytes that are left on the disk; null where that cannot be told.</param>
/// <param name="Size">Bytes of the database that are in use; null where nobody asked, or that cannot be told.</param>
public readonly record struct SpaceReading(long? Free, long? Size);
