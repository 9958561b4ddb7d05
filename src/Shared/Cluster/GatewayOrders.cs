using System.Collections.Concurrent;
using ClusterChat.Cluster.Links;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster;

/// <summary>Orders to gateways of other nodes, over links; at most once each.</summary>
internal sealed class GatewayOrders(INodeLinks links, TimeProvider clock, ILogger logger)
{
    // A gateway of 100,000 connections lists them in well under a second.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<long, TaskCompletionSource<GatewayReport?>> _asked = [];
    private long _lastRequest;

    /// <summary>Who carries out orders on this node; null without the role.</summary>
    public Func<GatewayOrder, Task<GatewayReport>>? Here { get; set; }

    /// <summary>Carries out an order on this node; null where that fails.</summary>
    public async Task<GatewayReport?> ExecuteAsync(GatewayOrder order)
    {
        try
        {
            return Here is { } here ? await here(order) : GatewayReport.None;
        }
        catch (Exception error)
        {
            logger.OrderFailed(order.GetType().Name, error.Message);
            return null;
        }
    }

    /// <summary>Asks another node.</summary>
    public async Task<GatewayReport?> AskAsync(ClusterNode gateway, GatewayOrder order, CancellationToken cancellationToken)
    {
        var request = Interlocked.Increment(ref _lastRequest);
        var answer = new TaskCompletionSource<GatewayReport?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[request] = answer;
        try
        {
            return links.Send(gateway, new GatewayOrderLink(request, order))
                ? await answer.Task.WaitAsync(Timeout, clock, cancellationToken)
                : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _asked.TryRemove(request, out _);
        }
    }

    /// <summary>An answer has come.</summary>
    public void Reported(GatewayReportLink report)
    {
        if (_asked.TryRemove(report.Request, out var waiting))
        {
            waiting.TrySetResult(report.Report);
        }
    }
}
