using System.CommandLine;

namespace ClusterChat.Host;

/// <summary>
/// The command line. Each option is a configuration key too, and so an environment variable; the command line
/// wins over the environment, the environment over <c>appsettings.json</c>.
/// </summary>
internal static class CommandLine
{
    /// <summary>Runs the command.</summary>
    /// <returns>0 after a clean stop, 1 where the node could not start or failed, 2 for wrong options.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var options = new (Option<string> Option, string Key)[]
        {
            (new Option<string>("--name") { Description = "The node's name. Default: the host's name." }, "ClusterChat:Name"),
            (new Option<string>("--urls") { Description = "Where to listen, separated by ';'. Default: http://localhost:8080." }, "urls"),
            (new Option<string>("--data") { Description = "The folder of the database files. Default: ./data." }, "ClusterChat:Data"),
            (new Option<string>("--postgres") { Description = "The PostgreSQL database that keeps everything instead, such as \"Host=db;Database=chat;Username=chat\". Other users of the machine can see a password here: better in ClusterChat__Postgres." }, "ClusterChat:Postgres"),
            (new Option<string>("--cluster") { Description = "The address for other nodes of a cluster, such as 127.0.0.1:9081; port 0 takes a free one. Default: none, the node is alone." }, "ClusterChat:Cluster"),
            (new Option<string>("--advertise") { Description = "Where other nodes reach --cluster, host:port. Default: the same." }, "ClusterChat:Advertise"),
            (new Option<string>("--management") { Description = "Where health, metrics, /cluster and admin calls are answered, such as http://0.0.0.0:9090; keep it from clients. Default: none, they are among --urls." }, "ClusterChat:Management"),
            (new Option<string>("--roles") { Description = "gateway, rooms, or gateway,rooms. Default: both." }, "ClusterChat:Roles"),
        };
        var root = new RootCommand("ClusterChat: a chat node. Without arguments: one node for everything, on http://localhost:8080, data in ./data.");
        foreach (var (option, _) in options)
        {
            root.Options.Add(option);
        }

        root.Subcommands.Add(UpCommand.Create());
        root.Subcommands.Add(AdminKeyCommand.Create());
        root.SetAction((parsed, cancellationToken) =>
        {
            var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            foreach (var (option, key) in options)
            {
                if (parsed.GetValue(option) is { } value)
                {
                    settings[key] = value;
                }
            }

            return NodeHost.RunAsync(settings, cancellationToken);
        });

        var command = root.Parse(args);
        if (command.Errors.Count > 0)
        {
            await command.InvokeAsync();
            return ExitCodes.WrongOptions;
        }

        return await command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}
