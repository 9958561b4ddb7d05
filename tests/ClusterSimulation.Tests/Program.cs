using System.Globalization;
using System.Text.Json;
using ClusterChat.ClusterSimulation.Kernel;
using ClusterChat.ClusterSimulation.Runner;
using ClusterChat.ClusterSimulation.Worlds;

// <gentle|wild> <first seed> <last seed> [times] [trace]: runs worlds, one at a time, and prints a line of JSON for each; with "trace" also
// what happens in them. The tests start it; by hand it is for a seed that failed.
if (args.Length < 3 || !Enum.TryParse<UnrestKind>(args[0], ignoreCase: true, out var kind))
{
    Console.Error.WriteLine("Usage: <gentle|wild> <first seed> <last seed> [times] [trace]");
    return 2;
}

StableHashes.Fix();
var (first, last) = (Number(args[1]), Number(args[2]));
var times = args.Length > 3 ? Number(args[3]) : 1;
Action<string>? onTrace = args is [.., "trace"] ? Console.WriteLine : null;
for (var seed = first; seed <= last; seed++)
{
    for (var i = 0; i < times; i++)
        Console.WriteLine(JsonSerializer.Serialize(WorldRunner.Run(kind, seed, onTrace)));
}

return 0;

static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
