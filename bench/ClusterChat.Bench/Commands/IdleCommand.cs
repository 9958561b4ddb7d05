using System.CommandLine;
using System.Globalization;

namespace ClusterChat.Bench.Commands;

/// <summary>Connections that have joined a room and do nothing: what memory each of them takes.</summary>
internal static class IdleCommand
{
    public static Command Create()
    {
        var connections = new Option<int>("--connections") { Description = "How many.", DefaultValueFactory = _ => 20_000 };
        var members = new Option<int>("--members") { Description = "Members of each room.", DefaultValueFactory = _ => 50 };
        var command = new Command("idle", "Memory of idle connections that have joined a room.") { connections, members };
        var targets = TargetOptions.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var count = OpenFiles.Admit(parsed.GetValue(connections));
            var load = new Load(Math.Max(2, count / parsed.GetValue(members)), parsed.GetValue(members), 0, 0, default, default, 0, Memory: false);
            var results = await targets.MeasureAsync(parsed, start => IdleRun.MeasureAsync(load, start, cancellationToken), cancellationToken);
            Console.WriteLine($"{load.Rooms * load.Members} connections in rooms of {load.Members}; KB for each:");
            Console.WriteLine();
            Console.WriteLine("| server | resident | after a full collection: resident | proportional | private | server in all, MB |");
            Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
            foreach (var (target, runs) in results)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {target.Name} | {runs.Median(r => r.Resident):N1} | {runs.Median(r => r.Collected):N1} | {runs.Median(r => r.Proportional):N1} | {runs.Median(r => r.Private):N1} | {runs.Median(r => r.Total):N0} |{Lost(runs)}"));
            }
        });
        return command;
    }

    private static string Lost(IReadOnlyList<IdleRun> runs) => runs.Sum(r => r.Lost) is > 0 and var lost ? $" {lost} connections lost" : string.Empty;
}
