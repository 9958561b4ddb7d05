using System.Diagnostics;
using System.Globalization;
using ClusterChat.Siege.Attacks;
using ClusterChat.Siege.Honest;
using ClusterChat.Siege.Net;
using ClusterChat.Siege.Processes;
using ClusterChat.Siege.Report;

namespace ClusterChat.Siege;

/// <summary>The siege: one attack after the other, each on a new node, with honest clients who chat meanwhile.</summary>
internal static class SiegeRun
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(60), Look = TimeSpan.FromMilliseconds(500);

    /// <summary>Each honest client says something every other second.</summary>
    private const double PerSecondEach = 0.5;

    /// <summary>What a node may grow by for reasons of its own.</summary>
    private const long Ordinary = 32 << 20;

    /// <returns>The exit code: 1 where a promise was broken.</returns>
    public static async Task<int> RunAsync(SiegeOptions options, CancellationToken stop)
    {
        var (outcomes, isBroken) = (new List<Outcome>(), false);
        foreach (var attack in options.Attacks.Select(name => AttackCatalog.Find(name)!))
        {
            if (stop.IsCancellationRequested)
                break;
            Say($"{attack.Name}: {attack.Title}");
            try
            {
                var (outcome, log) = await RunAsync(attack, options, stop);
                outcomes.Add(outcome);
                var broken = Promises.Broken(outcome);
                isBroken |= broken.Count > 0;
                Say(broken.Count == 0 ? "  all promises kept" : $"  BROKEN: {string.Join("; ", broken)}; its log: {log}");
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                Say("  given up");
            }
            catch (Exception error) when (error is InvalidOperationException or TimeoutException or IOException)
            {
                isBroken = true;
                Say($"  it could not be tried: {error.Message}");
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Seconds} s each, {options.Honest} honest clients, a heap of {options.HeapLimit}{(options.Scale < 1 ? $", a scale of {options.Scale}" : string.Empty)}\n"));
        Console.WriteLine(Tables.Full(outcomes) + "\n\nIn short:\n\n" + Tables.Short(outcomes));
        return isBroken ? 1 : 0;
    }

    private static async Task<(Outcome Outcome, string? Log)> RunAsync(Attack attack, SiegeOptions options, CancellationToken stop)
    {
        await using var node = await SiegeNode.StartAsync(options.Node, options.HeapLimit, attack.Files, attack.Settings);
        var tokens = attack.Secret is { } secret ? new Tokens(secret) : null;
        await using var honest = new HonestCrowd(
            new HonestPlan { Name = "honest", Count = options.Honest, From = Addresses.OfHonest, PerSecond = options.Honest * PerSecondEach, Reads = true, Tokens = tokens },
            node.Address);
        honest.Start();
        if (await honest.AllInAsync(ConnectLimit, stop) is null)
            throw new InvalidOperationException($"The honest clients did not get in before the attack: {honest.Trouble}");
        honest.Talk();
        await using var attacker = await AttackProcess.StartAsync(attack, node.Address, options.Scale);
        await Task.Delay(TimeSpan.FromSeconds(options.WarmUpSeconds), TimeProvider.System, stop);

        var outcome = await MeasureAsync(attack, options, node, honest, attacker, tokens, stop);
        node.KeepsLog = Promises.Broken(outcome).Count > 0;
        return (outcome, node.KeepsLog ? Path.Combine(node.Folder, "node.log") : null);
    }

    private static async Task<Outcome> MeasureAsync(
        Attack attack, SiegeOptions options, SiegeNode node, HonestCrowd honest, AttackProcess attacker, Tokens? tokens, CancellationToken stop)
    {
        var memory = new NodeMemory(node.Pid);
        memory.Begin();
        var (memoryBefore, linesBefore, dataBefore) = (memory.Bytes, node.Lines, node.DataBytes);
        var (newcomers, probe) = (new Newcomers(node.Address, tokens), new ReadinessProbe(node.Address));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var watched = new CancellationTokenSource();
        honest.Record.Begin();
        var begin = Stopwatch.GetTimestamp();
        await attacker.BeginAsync();
        var watching = memory.WatchAsync(watched.Token);
        var coming = newcomers.RunAsync(over.Token);
        var probing = probe.RunAsync(watched.Token);
        await Task.WhenAny(node.Exit, Task.Delay(TimeSpan.FromSeconds(options.Seconds), TimeProvider.System, stop));
        await over.CancelAsync();

        var (lasted, exitCode) = (Stopwatch.GetElapsedTime(begin), node.ExitCode);
        var outcome = new Outcome
        {
            Title = attack.Title,
            IsHonest = attack.IsHonest,
            Lasted = lasted,
            ExitCode = exitCode,
            Acks = honest.Acks,
            Reads = honest.Reads,
            Cut = honest.Record.Cut.Copy(),
            Refused = honest.Record.Refused.Copy(),
            RefusedReads = honest.Record.RefusedReads.Copy(),
            LogLines = node.Lines - linesBefore,
            DataGrown = node.DataBytes - dataBefore,
            MemoryBefore = memoryBefore,
            MemoryLimit = options.MemoryLimit,
            Newcomers = newcomers.Times,
            NewcomersRefused = newcomers.Refused,
            Readiness = probe.Said,
            Heard = new Tally(),
        };

        // Those who have come late are still trying, under the attack.
        await coming;
        var (notes, broken) = await attacker.EndAsync(outcome.Heard);
        var ended = Stopwatch.GetTimestamp();
        await watched.CancelAsync();
        await Task.WhenAll(watching, probing);
        var peak = memory.Peak;
        var back = await BackAsync(memory, memoryBefore, peak, TimeSpan.FromSeconds(options.SettleSeconds), stop);
        return outcome with
        {
            ExitCode = exitCode ?? node.ExitCode,
            MemoryPeak = peak,
            MemoryAfter = memory.Bytes,
            MemoryBackAfter = back,
            Newcomers = newcomers.Times,
            NewcomersMisled = newcomers.InVain.Count(t => t.From < ended && !probe.SaidNotReady(t.From, t.To)),
            Notes = notes,
            Broken = exitCode is null ? broken : [],
        };
    }

    private static async Task<TimeSpan?> BackAsync(NodeMemory memory, long before, long peak, TimeSpan limit, CancellationToken stop)
    {
        var begin = Stopwatch.GetTimestamp();
        var aim = before + Math.Max(Ordinary, (peak - before) / 4);
        while (memory.Look() && memory.Bytes > aim)
        {
            if (Stopwatch.GetElapsedTime(begin) > limit)
                return null;
            await Task.Delay(Look, TimeProvider.System, stop);
        }

        return Stopwatch.GetElapsedTime(begin);
    }

    private static void Say(string line) => Console.Error.WriteLine(line);
}
