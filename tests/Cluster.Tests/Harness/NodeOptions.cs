namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>How a node is started.</summary>
internal sealed record NodeOptions
{
    /// <summary>The folder of the database files.</summary>
    public required string Data { get; init; }

    /// <summary>The node's name.</summary>
    public string Name { get; init; } = "n1";

    /// <summary>The port on the loopback interface; 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>Where it listens; null for <see cref="Port"/>.</summary>
    public string? Urls { get; init; }

    /// <summary>Options by their key below <c>ClusterChat</c>, such as <c>Limits:SendsPerSecond</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Further environment variables, as they are.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What starts a .NET program; a command that does so in another network namespace comes before it.</summary>
    public IReadOnlyList<string> Launcher { get; init; } = ["dotnet"];

    /// <summary>Further arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Without the limits that a test would meet before what it is about.</summary>
    public static NodeOptions Unlimited(string data) => new()
    {
        Data = data,
        Settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Limits:SendsPerSecond"] = "0",
            ["Limits:RequestsPerSecond"] = "0",
        },
    };

    /// <summary>The same with one option set.</summary>
    public NodeOptions With(string key, string value)
        => this with { Settings = new Dictionary<string, string>(Settings, StringComparer.Ordinal) { [key] = value } };
}
