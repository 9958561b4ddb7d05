using Microsoft.Extensions.Logging.Console;

namespace ClusterChat.Host;

/// <summary>
/// The time of each line of the log: UTC, ISO 8601 with milliseconds, so that lines of several nodes can be put in order. A
/// format that the configuration has (<c>Logging:Console:FormatterOptions:TimestampFormat</c>) wins.
/// </summary>
internal static class LogTime
{
    // Quoted, since a culture may have another separator.
    private const string Format = "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fff'Z'";

    /// <summary>Adds it to each of the formats.</summary>
    public static void Add(IServiceCollection services)
    {
        // The text formats put it right before what follows.
        services.PostConfigure<SimpleConsoleFormatterOptions>(options => Set(options, Format + " "));
        services.PostConfigure<ConsoleFormatterOptions>(options => Set(options, Format + " "));
        services.PostConfigure<JsonConsoleFormatterOptions>(options => Set(options, Format));
    }

    private static void Set(ConsoleFormatterOptions options, string format)
    {
        if (options.TimestampFormat is null)
        {
            options.TimestampFormat = format;
            options.UseUtcTimestamp = true;
        }
    }
}
