namespace ClusterChat.Storage;

/// <summary>
/// A store cannot be used at all: its file is unreadable, is no database, or was written by a newer version.
/// Trying again does not help; the message says what to do.
/// </summary>
public sealed class StorageStartException(string message, Exception? innerException = null)
    : Exception(message, innerException);
