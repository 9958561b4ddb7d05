using System.CommandLine;

namespace ClusterChat.Host;

/// <summary><c>clusterchat config</c>: what a node with the same arguments and environment would run with.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var command = new Command("config", "Prints all options with their values and where each comes from, secrets hidden; ends with 2 if any is wrong.");
        var arguments = NodeArguments.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(arguments.Read(parsed)));
        return command;
    }

    private static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = NodeHost.CreateBuilder(settings);
        var (options, errors) = OptionRules.Read(builder.Configuration);
        if (errors.Count > 0)
        {
            await NodeHost.SayAsync(errors);
            return ExitCodes.WrongOptions;
        }

        await Console.Out.WriteLineAsync(new EffectiveOptions(builder.Configuration, settings).ToJson(options));
        return ExitCodes.Stopped;
    }
}
