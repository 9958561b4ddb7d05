using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using ClusterChat.Storage.Postgres;

namespace ClusterChat.Host;

/// <summary><c>clusterchat up</c>: a cluster of processes on this machine, to try out and to show.</summary>
internal static class UpCommand
{
    private const int MaxNodes = 32;

    /// <summary>Above a node's own limit for its drain, 30 s by default.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(45);

    public static Command Create()
    {
        var nodes = new Option<int>("--nodes") { Description = "How many nodes. Default: 3.", DefaultValueFactory = _ => 3 };
        var data = new Option<string>("--data") { Description = "The folder of the database files. Default: ./data.", DefaultValueFactory = _ => "data" };
        var port = new Option<int>("--port") { Description = "The port of the first node; the others follow. Default: 8081.", DefaultValueFactory = _ => 8081 };
        var postgres = new Option<string>("--postgres") { Description = "The PostgreSQL database that keeps everything instead, as without \"up\"." };
        nodes.Validators.Add(r => Check(r.GetValueOrDefault<int>() is >= 1 and <= MaxNodes, r, $"--nodes must be 1 to {MaxNodes}"));
        port.Validators.Add(r => Check(r.GetValueOrDefault<int>() is >= 1 and <= ushort.MaxValue - MaxNodes, r, "--port must be a port number"));
        postgres.Validators.Add(r => Check(PostgresStorageOptions.Problem(r.GetValueOrDefault<string>()) is null, r, "--postgres must be a connection string with a Host"));
        var command = new Command("up", "Starts a cluster of processes on this machine; Ctrl+C stops it.") { nodes, data, port, postgres };
        command.SetAction((parsed, token) => RunAsync(
            new UpOptions(parsed.GetValue(nodes), parsed.GetValue(port), parsed.GetValue(data)!, parsed.GetValue(postgres)), token));
        return command;

        static void Check(bool isRight, OptionResult result, string problem)
        {
            if (!isRight)
            {
                result.AddError(problem);
            }
        }
    }

    private static async Task<int> RunAsync(UpOptions options, CancellationToken cancellationToken)
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(l => l.Port).ToHashSet();
        if (options.Ports.Where(taken.Contains).ToList() is { Count: > 0 } busy)
        {
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"In use: {string.Join(", ", busy.Select(p => $"port {p}"))}. Take others with --port."));
            return ExitCodes.Failed;
        }

        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var killing = new CancellationTokenSource();
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        var registrations = signals.Select(s => PosixSignalRegistration.Create(s, Stop)).ToList();
        var isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        var board = new StatusBoard(Console.Out, isTerminal ? () => Console.WindowWidth : null, TimeProvider.System);
        board.Say(string.Create(CultureInfo.InvariantCulture, $"Starting {options.Nodes} nodes; Ctrl+C stops them, a second one kills them"));
        try
        {
            return await new LocalCluster(options, board, TimeProvider.System).RunAsync(stopping.Token, killing.Token);
        }
        finally
        {
            registrations.ForEach(r => r.Dispose());
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (stopping.IsCancellationRequested)
            {
                killing.Cancel();
                return;
            }

            killing.CancelAfter(StopLimit);
            stopping.Cancel();
        }
    }
}
