using System.CommandLine;
using ClusterChat.Bench;

var rooms = new Option<int>("--rooms") { Description = "How many rooms.", DefaultValueFactory = _ => 1 };
var members = new Option<int>("--members") { Description = "Members of each room.", DefaultValueFactory = _ => 500 };
var window = new Option<int>("--window") { Description = "Closed loop: unacked messages of each room's publisher.", DefaultValueFactory = _ => 32 };
var rate = new Option<int>("--rate") { Description = "Open loop: messages a second over all rooms; 0 for the closed loop.", DefaultValueFactory = _ => 0 };
var seconds = new Option<int>("--seconds") { Description = "How long to measure, after 3 s to warm up.", DefaultValueFactory = _ => 10 };
var size = new Option<int>("--size") { Description = "Bytes of text in a message.", DefaultValueFactory = _ => 60 };
var memory = new Option<bool>("--memory") { Description = "Rooms without a journal." };
var server = new Option<string?>("--server") { Description = "The clusterchat.dll to measure. Default: the one built beside this." };

var root = new RootCommand("Loads a node over loopback and reports the server's CPU time per delivered message.")
{
    rooms, members, window, rate, seconds, size, memory, server,
};
root.SetAction(async (parsed, cancellationToken) =>
{
    var load = new Load(
        parsed.GetValue(rooms),
        parsed.GetValue(members),
        parsed.GetValue(window),
        parsed.GetValue(rate),
        TimeSpan.FromSeconds(parsed.GetValue(seconds)),
        parsed.GetValue(size),
        parsed.GetValue(memory));
    await using var node = await ServerProcess.StartAsync(parsed.GetValue(server), cancellationToken);
    Console.WriteLine(await Runner.RunAsync(load, node, cancellationToken));
});
return await root.Parse(args).InvokeAsync();
