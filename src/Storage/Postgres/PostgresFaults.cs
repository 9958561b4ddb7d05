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
    public static bool IsOutdatedSession(Exception error) => error is PostgresException
    {
        SqlState: PostgresErrorCodes.ReadOnlySqlTransaction
            or PostgresErrorCodes.InvalidSqlStatementName
            or PostgresErrorCodes.FeatureNotSupported
            or PostgresErrorCodes.UndefinedTable,
    };

    /// <summary>Whether it may be over by itself in a moment.</summary>
    public static bool IsPassing(Exception error) => error switch
    {
        PostgresException e => e.IsTransient || e.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction,
        NpgsqlException { InnerException: TimeoutException or SocketException or IOException } => true,
        NpgsqlException e => e.IsTransient,
        TimeoutException or SocketException or IOException => true,
        _ => false,
    };

    /// <summary>For logs and results: one line, without any of the connection string.</summary>
    public static string Describe(Exception error) => error switch
    {
        PostgresException e => $"{e.MessageText} (PostgreSQL {e.SqlState})",
        NpgsqlException { InnerException: { } inner } e => $"{e.Message}: {inner.Message}",
        _ => error.Message,
    };
}
