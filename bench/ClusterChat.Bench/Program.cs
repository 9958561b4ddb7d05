using System.CommandLine;
using ClusterChat.Bench;

var rooms = new Option<int>("--rooms") { Description = "How many rooms.", DefaultValueFactory = _ => 1 };
var members = new Option<int>("--members") { Description = "Members of each room.", DefaultValueFactory = _ => 500 };
var window = new Option<int>("--window") { Description = "Closed loop: unacked messages of each room's publisher.", DefaultValueFactory = _ => 32 };
var rate = new Option<int>("--rate") { Description = "Open loop: messages a second over all rooms; 0 for the closed loop.", DefaultValueFactory = _ => 0 };
var seconds = new Option<int>("--seconds") { Description = "How long to measure.", DefaultValueFactory = _ => 10 };
var warmUp = new Option<int>("--warm-up") { Description = "Seconds of the same load before.", DefaultValueFactory = _ => 10 };
var size = new Option<int>("--size") { Description = "Bytes of text in a message.", DefaultValueFactory = _ => 60 };
var memory = new Option<bool>("--memory") { Description = "Rooms without a journal." };
var node = new Option<string?>("--node") { Description = "The clusterchat.dll to measure. Default: the one built beside this." };
var rounds = new Option<int>("--rounds") { Description = "How often; the servers take turns, and the medians are shown.", DefaultValueFactory = _ => 1 };
var servers = new Option<ServerKind[]>("--servers")
{
    Description = "What to measure: ClusterChat, Bare, BareEach, SendAsync, SignalR.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => [ServerKind.ClusterChat],
};

var root = new RootCommand("Loads servers over loopback and reports their CPU time per delivered message, and the latency.")
{
    rooms, members, window, rate, seconds, warmUp, size, memory, node, rounds, servers,
};
root.SetAction(async (parsed, cancellationToken) =>
{
    var load = new Load(
        parsed.GetValue(rooms),
        parsed.GetValue(members),
        parsed.GetValue(window),
        parsed.GetValue(rate),
        TimeSpan.FromSeconds(parsed.GetValue(seconds)),
        TimeSpan.FromSeconds(parsed.GetValue(warmUp)),
        parsed.GetValue(size),
        parsed.GetValue(memory));
    var runs = parsed.GetValue(servers)!.ToDictionary(kind => kind, _ => new List<Result>());
    for (var round = 0; round < parsed.GetValue(rounds); round++)
    {
        foreach (var (kind, results) in runs)
        {
            await using var server = await ServerProcess.StartAsync(kind, parsed.GetValue(node), cancellationToken);
            results.Add(await Runner.RunAsync(load, server, cancellationToken));
        }
    }

    Console.WriteLine("| server | CPU µs/delivery | to the bound | acked/s | deliveries/s | p50 ms | p99 ms | p99.9 ms | idle KB/connection |");
    Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    var bound = runs.TryGetValue(ServerKind.Bare, out var bare) ? Result.Median(bare) : null;
    foreach (var (kind, results) in runs)
    {
        Console.WriteLine(Result.Median(results).Row(kind, bound));
    }
});
return await root.Parse(args).InvokeAsync();
