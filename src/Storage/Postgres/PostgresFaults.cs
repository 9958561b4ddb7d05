using System.Net.Sockets;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>Whom a failed statement concerns.</summary>
internal enum FaultScope
{
    /// <summary>The server, the network, the disk: everybody. The outcome cannot be told.</summary>
    Everybody,

    /// <summary>A value that the server refuses. Nothing took effect; without that room the others go in.</summary>
    Row,

    /// <summary>A row was held by another transaction for too long. Nothing took effect.</summary>
    Lock,

    /// <summary>The transaction lost against another one. Nothing took effect; it may be tried again at once.</summary>
    Conflict,
}

/// <summary>Reads PostgreSQL's error codes (appendix A of its manual).</summary>
internal static class PostgresFaults
{
    public static FaultScope Scope(Exception error)
    {
        if (error is not PostgresException { SqlState: { Length: 5 } state })
            return FaultScope.Everybody;
        return state switch
        {
            PostgresErrorCodes.LockNotAvailable => FaultScope.Lock,
            PostgresErrorCodes.StatementCompletionUnknown => FaultScope.Everybody,
            PostgresErrorCodes.RaiseException => FaultScope.Row,
            _ => state.AsSpan(0, 2) switch
            {
                // Data exception, integrity constraint violation, program limit exceeded (a value too long to index).
                "22" or "23" or "54" => FaultScope.Row,
                "40" => FaultScope.Conflict,
                _ => FaultScope.Everybody,
            },
        };
    }

    /// <summary>
    /// The session was made for a server or a schema that is no longer there: one that became a standby, or
    /// whose prepared statements or tables were replaced. New sessions cure it.
    /// </summary>
    public static bool IsOutdatedSession(Exception error) => Causes(error).Any(cause => cause is PostgresException
    {
        SqlState: PostgresErrorCodes.ReadOnlySqlTransaction
            or PostgresErrorCodes.InvalidSqlStatementName
            or PostgresErrorCodes.FeatureNotSupported
            or PostgresErrorCodes.UndefinedTable,
    });

    /// <summary>
    /// Whether it may be over by itself in a moment. Of several hosts that failed, each for a reason of its own, one that may come
    /// back is enough.
    /// </summary>
    public static bool IsPassing(Exception error) => Causes(error).Any(cause => cause switch
    {
        PostgresException e => e.IsTransient || e.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction,
        NpgsqlException e => e.IsTransient,
        TimeoutException or SocketException or IOException => true,
        _ => false,
    });

    /// <summary>For logs and results: one line, without any of the connection string.</summary>
    public static string Describe(Exception error) => error switch
    {
        PostgresException e => $"{e.MessageText} (PostgreSQL {e.SqlState})",
        AggregateException e => string.Join("; ", e.Flatten().InnerExceptions.Select(Describe).Distinct(StringComparer.Ordinal)),
        NpgsqlException { InnerException: AggregateException inner } => Describe(inner),
        NpgsqlException { InnerException: { } inner } e => $"{e.Message}: {inner.Message}",
        _ => error.Message,
    };

    /// <summary>
    /// The error and all that caused it. With several hosts in the connection string the driver tells what it met at each of them in an
    /// aggregate, and the runtime nests such by itself.
    /// </summary>
    private static IEnumerable<Exception> Causes(Exception error)
    {
        var open = new Stack<Exception>([error]);
        while (open.TryPop(out var next))
        {
            yield return next;
            if (next is AggregateException { InnerExceptions: var several })
            {
                foreach (var inner in several)
                    open.Push(inner);
            }
            else if (next.InnerException is { } inner)
            {
                open.Push(inner);
            }
        }
    }
}
