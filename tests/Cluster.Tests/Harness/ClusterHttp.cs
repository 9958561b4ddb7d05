using System.Text.Json;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>What a node says of its cluster.</summary>
internal static class ClusterHttp
{
    /// <summary>The newest view of a node.</summary>
    public static async Task<JsonElement> ViewAsync(this NodeProcess node)
    {
        using var http = RoomHttp.Client(node.Management ?? node.Address!);
        return await http.GetJsonAsync("cluster");
    }

    /// <summary>The names of the nodes in a view.</summary>
    public static IReadOnlyList<string> Names(this JsonElement view)
        => [.. view.GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("name").GetString()!)];

    /// <summary>Where other nodes reach a node.</summary>
    public static string Address(this JsonElement view, string name)
        => view.GetProperty("nodes").EnumerateArray().First(n => n.GetProperty("name").GetString() == name).GetProperty("address").GetString()!;

    /// <summary>The shards of a node, as another one sees it; 0 while that one cannot tell.</summary>
    public static int Shards(this JsonElement view, string name)
        => view.GetProperty("nodes").EnumerateArray().First(n => n.GetProperty("name").GetString() == name).TryGetProperty("shards", out var shards) ? shards.GetInt32() : 0;

    /// <summary>How many rooms run on the node that was asked.</summary>
    public static int Active(this JsonElement view)
        => view.GetProperty("nodes").EnumerateArray().First(n => n.TryGetProperty("active", out _)).GetProperty("active").GetInt32();

    /// <summary>Waits until what a node says of the cluster is as it should be. It counts shards once a second, and writes nothing when they move.</summary>
    public static async Task<JsonElement> WaitForAsync(this NodeProcess node, Func<JsonElement, bool> condition, string what)
    {
        using var guard = new CancellationTokenSource(Guard.Limit, TimeProvider.System);
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        while (true)
        {
            var view = await node.ViewAsync();
            if (condition(view))
                return view;
            if (guard.IsCancellationRequested)
                throw new TimeoutException($"Not within {Guard.Limit.TotalSeconds} s: {what}; the last view was {view}");
            await looks.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Waits until a node's view is as it should be: looks again whenever it has written that it knows of a change.</summary>
    public static async Task<JsonElement> WaitForViewAsync(this NodeProcess node, Func<IReadOnlyList<string>, bool> condition)
    {
        while (true)
        {
            var seen = node.Count("a change of the cluster");
            var view = await node.ViewAsync();
            if (condition(view.Names()))
                return view;
            await node.WaitForCountAsync("a change of the cluster", seen + 1);
        }
    }
}
