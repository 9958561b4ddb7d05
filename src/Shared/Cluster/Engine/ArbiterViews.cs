using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.Cluster.Engine;

/// <summary>The views of the table of nodes.</summary>
/// <param name="view">What this node knows of the table.</param>
public sealed class ArbiterViews(ArbiterView view) : IClusterViews
{
    private int _refreshing;

    /// <inheritdoc/>
    public long? Number => view.IsMember ? view.Number : null;

    /// <inheritdoc/>
    public void Refresh()
    {
        if (Interlocked.Exchange(ref _refreshing, 1) == 0)
        {
            _ = RefreshAsync();
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            await view.RefreshAsync(CancellationToken.None);
        }
        catch (NodeTableUnavailableException)
        {
            // Who needs it asks again.
        }
        finally
        {
            Volatile.Write(ref _refreshing, 0);
        }
    }
}
