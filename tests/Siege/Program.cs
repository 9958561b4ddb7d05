using System.CommandLine;
using System.Globalization;
using System.Net;
using ClusterChat.Siege;
using ClusterChat.Siege.Attacks;
using ClusterChat.Siege.Processes;

var names = string.Join(", ", AttackCatalog.All.Select(a => a.Name));
var attacks = new Option<string>("--attack") { Description = $"Which, separated by commas: {names}. Default: all." };
var node = new Option<string>("--node") { Description = "The node's executable, or its .dll.", Required = true };
var seconds = new Option<int>("--seconds") { Description = "How many seconds each attack lasts. Default: 60.", DefaultValueFactory = _ => 60 };
var warmUp = new Option<int>("--warm-up") { Description = "How many seconds they chat before it. Default: 10.", DefaultValueFactory = _ => 10 };
var settle = new Option<int>("--settle") { Description = "How many seconds to wait for its memory to come back, at most. Default: 30.", DefaultValueFactory = _ => 30 };
var heap = new Option<string>("--heap-limit")
{
    Description = "The limit of its heap, hexadecimal. Default: 0x30000000, what .NET takes of 1 GiB.",
    DefaultValueFactory = _ => "0x30000000",
};
var honest = new Option<int>("--honest") { Description = "How many honest clients chat meanwhile. Default: 200.", DefaultValueFactory = _ => 200 };
var scale = new Option<double>("--scale") { Description = "The part of their full size that attacks have. Default: 1.", DefaultValueFactory = _ => 1 };
attacks.Validators.Add(result =>
{
    foreach (var unknown in (result.GetValueOrDefault<string>() ?? "").Split(',').Where(a => AttackCatalog.Find(a) is null))
        result.AddError($"There is no attack \"{unknown}\".");
});

var command = new RootCommand("Attacks on a node, and honest crowds, while honest clients chat; prints what came of each. Exit code 1: a promise was broken.")
{
    attacks, node, seconds, warmUp, settle, heap, honest, scale,
};
command.SetAction((parsed, stop) => SiegeRun.RunAsync(
    new SiegeOptions(
        parsed.GetValue(attacks)?.Split(',') ?? [.. AttackCatalog.All.Select(a => a.Name)], Path.GetFullPath(parsed.GetValue(node)!), parsed.GetValue(seconds),
        parsed.GetValue(warmUp), parsed.GetValue(settle), parsed.GetValue(heap)!, parsed.GetValue(honest), parsed.GetValue(scale)),
    stop));

var name = new Argument<string>("name");
var at = new Option<string>("--at") { Description = "Where the node is.", Required = true };
var part = new Option<double>("--scale") { DefaultValueFactory = _ => 1 };
var attack = new Command("attack", "One attack, as the siege has it done in a process of its own.") { name, at, part };
attack.Hidden = true;
attack.SetAction((parsed, _) => AttackProgram.RunAsync(
    AttackCatalog.Find(parsed.GetValue(name)!)!, IPEndPoint.Parse(parsed.GetValue(at)!), parsed.GetValue(part)));
command.Add(attack);
return await command.Parse(args).InvokeAsync();
