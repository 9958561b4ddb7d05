using System.Net;

namespace ClusterChat.Cluster.Tests.Harness.Faults;

/// <summary>A node of a fleet through all of its processes.</summary>
internal sealed class FleetNode(NodeOptions options, NodeRoles roles, NodeProcess process) : IAsyncDisposable
{
    private readonly List<string> _outputs = [];

    public string Name => Options.Name;

    public NodeOptions Options { get; } = options;

    public NodeRoles Roles { get; } = roles;

    public NodeProcess Process { get; private set; } = process;

    /// <summary>Whether clients may go there.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>Whether a fault is under way that makes it end by itself, with a failing code.</summary>
    public bool MayFail { get; set; }

    public IPEndPoint Address => Process.Address!;

    /// <summary>Where other nodes reach it.</summary>
    public string ClusterAddress { get; set; } = "";

    /// <summary>All that its processes wrote.</summary>
    public string Output => string.Join("\n---- started again ----\n", [.. _outputs, Process.Output]);

    /// <summary>Starts it once more, where it listened before.</summary>
    public async Task RestartAsync()
    {
        var next = await Process.RestartAsync();
        _outputs.Add(Process.Output);
        await Process.DisposeAsync();
        (Process, IsOpen, MayFail) = (next, true, false);
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
