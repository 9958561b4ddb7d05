using System.CommandLine;
using System.Globalization;
using ClusterChat.Bench.Durable;

namespace ClusterChat.Bench.Commands;

/// <summary>Durable sends, beside what the database takes from a program that does nothing else.</summary>
internal static class DurableCommand
{
    public static Command Create()
    {
        var command = new Command("durable", $"Durable sends a second, beside the database alone in batches of {Rows.Batch} rows of the same shape.");
        var loads = LoadOptions.AddTo(command, rooms: 200, members: 1);
        var targets = TargetOptions.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var load = loads.Read(parsed);
            var results = await targets.MeasureAsync(parsed, start => RunAsync(load, start, cancellationToken), cancellationToken);
            Console.WriteLine("| | rows/s | to the database alone | commit ms | CPU µs a row | PostgreSQL's |");
            Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
            foreach (var (target, runs) in results)
            {
                var alone = runs.Median(r => r.Database.Rate);
                Write(target.Name, runs.Median(r => r.Sends.Acked), alone, double.NaN, runs.Median(r => PerAck(r.Sends, r.Sends.CpuMicroseconds)), runs.Median(r => PerAck(r.Sends, r.Sends.DatabaseMicroseconds)));
                Write($"{target.Store} alone", alone, alone, runs.Median(r => r.Database.CommitMilliseconds), runs.Median(r => r.Database.CpuMicroseconds), runs.Median(r => r.Database.DatabaseMicroseconds));
                Write("the journal alone", runs.Median(r => r.Journal.Rate), alone, runs.Median(r => r.Journal.CommitMilliseconds), runs.Median(r => r.Journal.CpuMicroseconds), runs.Median(r => r.Journal.DatabaseMicroseconds));
            }
        });
        return command;
    }

    private static async Task<DurableRun> RunAsync(Load load, Func<Task<ServerGroup>> start, CancellationToken cancellationToken)
    {
        Result sends;
        Store store;
        Database? server;
        await using (var servers = await start())
        {
            (store, server) = (servers.Target.Store, servers.Database);
            await using var session = await Session.ConnectAsync(load, servers, cancellationToken);
            sends = await session.MeasureAsync(load.Rate, load.WarmUp, load.Time, cancellationToken);
        }

        var (database, journal) = await StoreAlone.MeasureAsync(store, server, load.WarmUp, load.Time);
        return new DurableRun(sends, database, journal);
    }

    /// <summary>Of a figure for each delivery, as there may be more or fewer of them in the time than acks.</summary>
    private static double PerAck(Result sends, double microseconds) => microseconds * sends.Delivered / Math.Max(1, sends.Acked);

    private static void Write(string name, double rate, double alone, double commit, double cpu, double database) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"| {name} | {rate:N0} | {rate / alone:N2} | {(double.IsNaN(commit) ? "" : commit.ToString("N2", CultureInfo.InvariantCulture))} | {cpu:N1} | {database:N1} |"));

    private sealed record DurableRun(Result Sends, BatchRun Database, BatchRun Journal);
}
