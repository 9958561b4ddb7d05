namespace ClusterChat.TestKit;

/// <summary>Runs the world of a plan, and checks what came of it.</summary>
public static class SimRunner
{
    /// <summary>Runs one world to its end.</summary>
    /// <param name="plan">What happens in it.</param>
    /// <param name="traceLines">How many lines of the trace to keep; 0 for none.</param>
    /// <param name="isTurn">Whether to keep the actors' turns too, and not only what the world did.</param>
    public static SimResult Run(SimPlan plan, int traceLines = 200, bool isTurn = false)
    {
        var world = new SimWorld(plan);
        var trace = new Queue<string>();
        world.Simulation.Dispatcher.OnTrace = line =>
        {
            if (line.Length > 0 && traceLines > 0 && (isTurn || char.IsAsciiDigit(line[0]) || line.StartsWith("store ", StringComparison.Ordinal)))
            {
                trace.Enqueue(line);
                if (trace.Count > traceLines)
                {
                    trace.Dequeue();
                }
            }
        };
        var violations = new List<Violation>();
        try
        {
            if (world.Run() is { } unsettled)
            {
                violations.Add(new Violation(PromiseChecker.Liveness, unsettled));
            }
        }
        catch (SimulationTimeoutException stuck)
        {
            violations.Add(new Violation(PromiseChecker.Liveness, stuck.Message));
        }

        var refusalsMayBeLost = plan.Gateway.SendsPerSecond > 0 || plan.Gateway.MaxUnackedPerRoom < 1000;
        violations.AddRange(PromiseChecker.Check(world.Facts, world.Store.Journal.Rooms, plan.Rooms.IsMemory, refusalsMayBeLost));
        return new SimResult(plan.Seed, world.Simulation.TraceHash, world.Simulation.Steps, world.Facts, world.Store.Journal.Rooms, violations, [.. trace]);
    }
}
