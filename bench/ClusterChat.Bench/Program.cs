using System.CommandLine;
using ClusterChat.Bench.Commands;

var root = new RootCommand("Loads servers over loopback and reports their CPU time per delivered message, and the latency.")
{
    PeakCommand.Create(), IdleCommand.Create(), DurableCommand.Create(), CommitCommand.Create(), DiskCommand.Create(),
};
LoadCommand.AddTo(root);
return await root.Parse(args).InvokeAsync();
