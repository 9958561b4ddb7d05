namespace ClusterChat.Gateway.Http.Admin;

/// <summary>Deletes rooms.</summary>
public interface IRoomDeleter
{
    /// <summary>Whether a room has a history that can be deleted; those in memory only have none.</summary>
    bool IsKept(string room);

    /// <summary>Deletes a room's history for good, and begins a new log.</summary>
    /// <returns>False: there is no such room. Null: it is not known whether it was deleted.</returns>
    Task<bool?> DeleteAsync(string room, CancellationToken cancellationToken);
}
