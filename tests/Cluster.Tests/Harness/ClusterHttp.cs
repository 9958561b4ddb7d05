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

    /// <summary>The shards of a node, as another one sees it.</summary>
    public static int Shards(this JsonElement view, string name)
        => view.GetProperty("nodes").EnumerateArray().First(n => n.GetProperty("name").GetString() == name).GetProperty("shards").GetInt32();

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
