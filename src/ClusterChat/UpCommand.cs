using System.CommandLine;
using System.Globalization;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;

namespace ClusterChat.Host;

/// <summary><c>clusterchat up</c>: a cluster of processes on this machine, to try out and to show.</summary>
internal static class UpCommand
{
    private const int MaxNodes = 32;

    public static Command Create()
    {
        var nodes = new Option<int>("--nodes") { Description = "How many nodes. Default: 3.", DefaultValueFactory = _ => 3 };
        var data = new Option<string>("--data") { Description = "The folder of the database files. Default: ./data.", DefaultValueFactory = _ => "data" };
        var port = new Option<int>("--port") { Description = "The port of the first node; the others follow. Default: 8081.", DefaultValueFactory = _ => 8081 };
        nodes.Validators.Add(r => Check(r.GetValueOrDefault<int>() is >= 1 and <= MaxNodes, r, $"--nodes must be 1 to {MaxNodes}"));
        port.Validators.Add(r => Check(r.GetValueOrDefault<int>() is >= 1 and <= ushort.MaxValue - MaxNodes, r, "--port must be a port number"));
        var command = new Command("up", "Starts a cluster of processes on this machine, with SQLite; Ctrl+C stops it.") { nodes, data, port };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(nodes), parsed.GetValue(data)!, parsed.GetValue(port), token));
        return command;

        static void Check(bool isRight, System.CommandLine.Parsing.OptionResult result, string problem)
        {
            if (!isRight)
            {
                result.AddError(problem);
            }
        }
    }

    private static async Task<int> RunAsync(int count, string data, int firstPort, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(l => l.Port).ToHashSet();
        var ports = Enumerable.Range(firstPort, count).ToArray();
        if (ports.Where(taken.Contains).ToList() is { Count: > 0 } busy)
        {
            await Console.Error.WriteLineAsync($"In use: {string.Join(", ", busy.Select(p => $"port {p}"))}. Take others with --port.");
            return ExitCodes.Failed;
        }

        var nodes = new List<ChildNode>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                nodes.Add(ChildNode.Start(string.Create(CultureInfo.InvariantCulture, $"n{i + 1}"), ports[i], data));
            }

            Console.WriteLine($"Open in a browser: {string.Join(' ', ports.Select(p => $"http://localhost:{p}"))}  (Ctrl+C stops the cluster)");
            await ReportAsync(nodes, stopping.Token);
        }
        finally
        {
            foreach (var node in nodes)
            {
                node.Terminate();
            }
        }

        var codes = await Task.WhenAll(nodes.Select(n => n.ExitAsync()));
        foreach (var node in nodes)
        {
            node.Dispose();
        }

        Console.WriteLine($"All nodes have ended: {string.Join(", ", nodes.Zip(codes, (n, c) => $"{n.Name} with {c}"))}");
        return codes.All(c => c == ExitCodes.Stopped) ? ExitCodes.Stopped : ExitCodes.Failed;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    /// <summary>Writes how the cluster is, once a second, until all is to stop or no node is left.</summary>
    private static async Task ReportAsync(List<ChildNode> nodes, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(1) };
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        var last = string.Empty;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken) && nodes.Any(n => n.IsRunning))
            {
                var line = string.Join("  |  ", await Task.WhenAll(nodes.Select(n => n.DescribeAsync(http, cancellationToken))));

                // On a terminal the line stays in its place; in a file only changes are of interest.
                if (!Console.IsOutputRedirected)
                {
                    Console.Write($"\r\u001b[K{line}");
                }
                else if (line != last)
                {
                    Console.WriteLine(line);
                }

                last = line;
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C, or SIGTERM.
        }

        Console.WriteLine();
    }
}
