using System.CommandLine;
using ClusterChat.Cluster.Tests.Harness.Faults;
using ClusterChat.Soak;

var minutes = new Option<double>("--minutes") { Description = "No fault begins later than this. Default: 10.", DefaultValueFactory = _ => 10 };
var times = new Option<int>("--times") { Description = "Stop when each kind of fault happened so often. Default: 0, go on." };
var store = new Option<string>("--store") { Description = "sqlite or postgres. Default: sqlite.", DefaultValueFactory = _ => "sqlite" };
var nodes = new Option<int>("--nodes") { Description = "How many nodes. Default: 4.", DefaultValueFactory = _ => 4 };
var clients = new Option<int>("--clients") { Description = "How many clients. Default: 200.", DefaultValueFactory = _ => 200 };
var rooms = new Option<int>("--rooms") { Description = "How many rooms. Default: 24.", DefaultValueFactory = _ => 24 };
var rate = new Option<int>("--rate") { Description = "Messages a second, all clients together. Default: 200.", DefaultValueFactory = _ => 200 };
var seed = new Option<int>("--seed") { Description = "Of the faults' order and of who says what. Default: another one each time.", DefaultValueFactory = _ => Environment.TickCount & 0xFFFF };
var faults = new Option<string>("--faults") { Description = $"Which, separated by commas: {string.Join(", ", FaultKinds.All.Keys)}. Default: all that the store allows." };
store.AcceptOnlyFromAmong("sqlite", "postgres");
faults.Validators.Add(result =>
{
    foreach (var unknown in (result.GetValueOrDefault<string>() ?? "").Split(',').Where(f => !FaultKinds.All.ContainsKey(f)))
        result.AddError($"There is no fault \"{unknown}\".");
});

var command = new RootCommand("A cluster under load and random faults, with a checker; prints what each kind of fault cost. Exit code 1: something was broken.")
{
    minutes, times, store, nodes, clients, rooms, rate, seed, faults,
};
command.SetAction((parsed, stop) =>
{
    var postgres = parsed.GetValue(store) == "postgres";
    var kinds = parsed.GetValue(faults)?.Split(',') ?? [.. FaultKinds.All.Keys.Where(f => (postgres || !FaultKinds.NeedsPostgres(f)) && (parsed.GetValue(nodes) > 3 || f != "cut-gateway"))];
    if (!postgres && kinds.Any(FaultKinds.NeedsPostgres))
        throw new ArgumentException("Faults of PostgreSQL need --store postgres.");
    return Soak.RunAsync(
        new SoakOptions(
            parsed.GetValue(minutes), parsed.GetValue(times), parsed.GetValue(store)!, parsed.GetValue(nodes), parsed.GetValue(clients),
            parsed.GetValue(rooms), parsed.GetValue(rate), parsed.GetValue(seed), kinds),
        stop);
});
return await command.Parse(args).InvokeAsync();
