using System.Net;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Http.Admin;

/// <summary>What operators did, and who tried to. Its category is <c>ClusterChat.Audit</c>. Event ids 4200-4219.</summary>
internal static partial class AuditLog
{
    /// <summary>The category.</summary>
    public const string Category = "ClusterChat.Audit";

    [LoggerMessage(4200, LogLevel.Information, "{Key} from {Address}: {Action} {Target}: {Result}")]
    public static partial void Operated(this ILogger logger, string key, IPAddress? address, string action, string target, string result);

    [LoggerMessage(4201, LogLevel.Warning, "A request from {Address} with a wrong key, or none, was refused: {Action}")]
    public static partial void AdminRefused(this ILogger logger, IPAddress? address, string action);
}
