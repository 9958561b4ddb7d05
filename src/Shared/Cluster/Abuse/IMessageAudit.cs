namespace ClusterChat.Cluster.Abuse;

/// <summary>Where it is kept for a while who sent what from where. It is written beside the messages, never before them.</summary>
public interface IMessageAudit
{
    /// <summary>Adds entries, all or none.</summary>
    /// <param name="entries">The entries, each with texts that have no NUL and no lone surrogate.</param>
    /// <param name="cancellationToken">Gives up waiting; they may be there nevertheless.</param>
    /// <exception cref="ArgumentException">A text has a NUL or a lone surrogate.</exception>
    /// <exception cref="StoreUnavailableException">It is not known whether they are there. Added again, they may be there twice.</exception>
    ValueTask AddAsync(IReadOnlyList<AuditedMessage> entries, CancellationToken cancellationToken);

    /// <summary>Who sent a message: the entries of a number in a room, the newest first. Several where it was sent again, or the room was deleted meanwhile.</summary>
    /// <param name="room">The room.</param>
    /// <param name="seq">The message's number.</param>
    /// <param name="before">Only lower <see cref="AuditedMessage.Id"/>s; <see cref="long.MaxValue"/> for all.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached, or did not answer in time.</exception>
    ValueTask<IReadOnlyList<AuditedMessage>> OfMessageAsync(string room, long seq, long before, int limit, CancellationToken cancellationToken);

    /// <summary>What a user sent, the newest first.</summary>
    /// <param name="user">The identity.</param>
    /// <param name="before">Only lower <see cref="AuditedMessage.Id"/>s; <see cref="long.MaxValue"/> for all.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached, or did not answer in time.</exception>
    ValueTask<IReadOnlyList<AuditedMessage>> OfUserAsync(string user, long before, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets the oldest entries.</summary>
    /// <param name="before">Unix time in milliseconds; those of before go.</param>
    /// <param name="most">How many at most: a bound for how long it holds up others.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many went; fewer than <paramref name="most"/> where no others are left.</returns>
    /// <exception cref="StoreUnavailableException">It is not known whether they are gone.</exception>
    ValueTask<int> ForgetAsync(long before, int most, CancellationToken cancellationToken);
}
