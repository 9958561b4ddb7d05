using System.CommandLine;
using ClusterChat.Gateway.Http.Admin;

namespace ClusterChat.Host;

/// <summary><c>clusterchat admin-key</c>: a new key for the admin API, and the hash that belongs into the configuration.</summary>
internal static class AdminKeyCommand
{
    public static Command Create()
    {
        var name = new Option<string>("--name") { Description = "What it is called in the audit log: letters, digits, '-', '_', '.', '@'.", DefaultValueFactory = _ => "admin" };
        var command = new Command("admin-key", "Prints a new key for the admin API, and its hash for ClusterChat:Admin:Keys.") { name };
        command.SetAction(parsed =>
        {
            var chosen = parsed.GetValue(name)!;
            if (!AdminKeys.IsName(chosen))
            {
                Console.Error.WriteLine("--name: must have 1 to 64 letters, digits, '-', '_', '.' or '@'");
                return ExitCodes.WrongOptions;
            }

            var (key, entry) = AdminKeys.Create(chosen);
            Console.WriteLine($"key (keep it; it is not shown again): {key}");
            Console.WriteLine($"ClusterChat__Admin__Keys__0={entry}");
            return ExitCodes.Stopped;
        });
        return command;
    }
}
