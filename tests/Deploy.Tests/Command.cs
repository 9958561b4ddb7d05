using System.Diagnostics;

namespace ClusterChat.Deploy.Tests;

/// <summary>Runs programs of this machine.</summary>
internal static class Command
{
    /// <summary>Far above what any of them takes.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Runs one that has to succeed.</summary>
    public static (string Output, string Error) Run(string program, params IReadOnlyList<string> arguments)
    {
        var (code, output, error) = Try(program, arguments);
        code.ShouldBe(0, $"{program} {string.Join(' ', arguments)}\n{output}\n{error}");
        return (output, error);
    }

    /// <summary>Runs one with an environment of these variables besides the machine's own.</summary>
    public static (int Code, string Output, string Error) Try(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[key] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)}");
        }

        return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
