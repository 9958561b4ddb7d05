using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>What rooms write to the process's log. Event ids 2000-2099.</summary>
internal static partial class RoomLog
{
    [LoggerMessage(2000, LogLevel.Warning, "Room {Room} could not be opened (attempt {Attempt}): {Error}")]
    public static partial void OpenFailed(this ILogger logger, string room, int attempt, string error);

    [LoggerMessage(2001, LogLevel.Warning, "Room {Room}: an append ended as {Status}, the room is opened again: {Error}")]
    public static partial void AppendUnsettled(this ILogger logger, string room, AppendStatus status, string? error);

    [LoggerMessage(2002, LogLevel.Error, "Room {Room}: the store refuses a message for good: {Error}")]
    public static partial void WriteRejected(this ILogger logger, string room, string? error);

    [LoggerMessage(2003, LogLevel.Warning, "Room {Room}: a page could not be read: {Error}")]
    public static partial void ReadFailed(this ILogger logger, string room, string? error);

    [LoggerMessage(2004, LogLevel.Debug, "Room {Room}: what was handed over is {HandedLog}/{HandedHead}, the journal says {Log}/{Head}")]
    public static partial void HandoverRefused(this ILogger logger, string room, string handedLog, long handedHead, string log, long head);

    [LoggerMessage(2006, LogLevel.Debug, "Room {Room} has no event yet, and its opening was not the last: it is opened again")]
    public static partial void UnstoredFenced(this ILogger logger, string room);

    [LoggerMessage(2005, LogLevel.Debug, "Memory room {Room}: what was handed over, {Log}/{Head}, is older than what a gateway has heard of, and is not used")]
    public static partial void HandoverStale(this ILogger logger, string room, string log, long head);

    [LoggerMessage(2007, LogLevel.Debug, "Memory room {Room}: what was handed over, {Log}/{Head}, is not used, since another node may go on with it, too")]
    public static partial void HandoverNotClaimed(this ILogger logger, string room, string log, long head);
}
