using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Abuse;

/// <summary>What is said of blocks and of the audit of messages. Event ids 4220-4249.</summary>
internal static partial class AbuseLog
{
    [LoggerMessage(4220, LogLevel.Warning, "The list of blocks cannot be read, the last one stays in force: {Reason}")]
    public static partial void BlocksNotRead(this ILogger logger, string reason);

    [LoggerMessage(4221, LogLevel.Information, "The list of blocks can be read again")]
    public static partial void BlocksRead(this ILogger logger);

    [LoggerMessage(4222, LogLevel.Warning, "The audit of messages cannot be written, {Waiting} entries wait: {Reason}")]
    public static partial void AuditNotWritten(this ILogger logger, int waiting, string reason);

    [LoggerMessage(4223, LogLevel.Information, "The audit of messages can be written again")]
    public static partial void AuditWritten(this ILogger logger);

    [LoggerMessage(4225, LogLevel.Error, "{Entries} entries of the audit of messages were refused, and are lost")]
    public static partial void AuditRefused(this ILogger logger, int entries, Exception error);

    [LoggerMessage(4224, LogLevel.Warning, "{Lost} entries of the audit of messages are lost: more came than were written, or the store was away for too long")]
    public static partial void AuditLost(this ILogger logger, long lost);
}
