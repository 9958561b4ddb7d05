using System.CommandLine;

namespace ClusterChat.Host;

/// <summary>
/// The command line. Each option is a configuration key too, and so an environment variable; the command line
/// wins over the environment, the environment over <c>appsettings.json</c>.
/// </summary>
internal static class CommandLine
{
    private const string About = """
        ClusterChat: a chat node. Without arguments: one node for everything, on http://localhost:8080, data in ./data.

        All other options are set by environment variables, such as ClusterChat__Limits__SendsPerSecond=0, or in
        appsettings.json beside the program, which lists and explains them. "clusterchat config" shows what they are.
        """;

    /// <summary>Runs the command.</summary>
    /// <returns>0 after a clean stop, 1 where the node could not start or failed, 2 for wrong options.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand(About) { UpCommand.Create(), ConfigCommand.Create(), HealthCommand.Create(), AdminKeyCommand.Create() };
        var arguments = NodeArguments.AddTo(root);
        root.SetAction((parsed, cancellationToken) => NodeHost.RunAsync(arguments.Read(parsed), cancellationToken));

        var command = root.Parse(args);
        if (command.Errors.Count > 0)
        {
            await command.InvokeAsync();
            return ExitCodes.WrongOptions;
        }

        return await command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}
