using System.Globalization;

namespace ClusterChat.Host;

/// <summary>The nodes of <c>up</c>: started together, shown while they run, ended together.</summary>
/// <param name="options">What to start.</param>
/// <param name="board">Shows it.</param>
/// <param name="clock">The clock.</param>
internal sealed class LocalCluster(UpOptions options, StatusBoard board, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Runs until all is to stop, or a node cannot start.</summary>
    /// <param name="stopping">Asks the nodes to stop.</param>
    /// <param name="killing">Ends them.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stopping, CancellationToken killing)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var keepers = options.Addresses
            .Select((address, i) => new NodeKeeper(string.Create(CultureInfo.InvariantCulture, $"n{i + 1}"), address, options, board.Say, clock))
            .ToList();
        var running = keepers.ConvertAll(k => k.RunAsync(all.Token, killing));
        var showing = ShowAsync(keepers, all.Token);

        // Only one that cannot start ends before all are to stop, and then the others stop too.
        await Task.WhenAny(running);
        await all.CancelAsync();
        await showing;
        var codes = await Task.WhenAll(running);
        return codes.Max();
    }

    private async Task ShowAsync(List<NodeKeeper> keepers, CancellationToken stopping)
    {
        using var http = new HttpClient { Timeout = Interval };
        using var timer = new PeriodicTimer(Interval, clock);
        var wereUp = false;
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                var nodes = await Task.WhenAll(keepers.Select(k => k.LookAsync(http, stopping)));
                if (!wereUp && nodes.All(n => n.IsUp && n.View == nodes[0].View))
                {
                    wereUp = true;
                    board.Say($"All nodes are up. Open in a browser: {string.Join(' ', options.Addresses)}");
                }

                board.Show(nodes);
            }
        }
        catch (OperationCanceledException)
        {
            board.Say("All nodes are to stop");
        }
    }
}
