using System.CommandLine;

namespace ClusterChat.Host;

/// <summary>The options of the command line that are those of a node. Each command has its own set.</summary>
internal sealed class NodeArguments
{
    private readonly (Option<string> Option, string Key)[] _options =
    [
        (New("--name", "The node's name. Default: the host's name."), "ClusterChat:Name"),
        (New("--urls", $"Where to listen, separated by ';'. Default: {NodeHost.DefaultUrls}."), "urls"),
        (New("--data", "The folder of the database files. Default: ./data."), "ClusterChat:Data"),
        (New("--postgres", "The PostgreSQL database that keeps everything instead, such as \"Host=db;Database=chat;Username=chat\". Other users of the machine can see a password here: better in ClusterChat__Postgres, or in a file, see ClusterChat__PostgresPasswordFile."), "ClusterChat:Postgres"),
        (New("--cluster", "The address for other nodes of a cluster, such as 127.0.0.1:9081; port 0 takes a free one. Default: none, the node is alone."), "ClusterChat:Cluster"),
        (New("--advertise", "Where other nodes reach --cluster, host:port. Default: the same."), "ClusterChat:Advertise"),
        (New("--management", "Where health, metrics, /cluster and admin calls are answered, such as http://0.0.0.0:9090; keep it from clients. Default: none, they are among --urls."), "ClusterChat:Management"),
        (New("--roles", "gateway, rooms, or gateway,rooms. Default: both."), "ClusterChat:Roles"),
    ];

    /// <summary>Gives a command these options.</summary>
    public static NodeArguments AddTo(Command command)
    {
        var arguments = new NodeArguments();
        foreach (var (option, _) in arguments._options)
        {
            command.Options.Add(option);
        }

        return arguments;
    }

    /// <summary>What was given, by its key in the configuration.</summary>
    public Dictionary<string, string?> Read(ParseResult parsed)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (option, key) in _options)
        {
            if (parsed.GetValue(option) is { } value)
            {
                settings[key] = value;
            }
        }

        return settings;
    }

    private static Option<string> New(string name, string description) => new(name) { Description = description };
}
