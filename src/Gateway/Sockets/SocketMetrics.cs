using System.Diagnostics.Metrics;

namespace ClusterChat.Gateway.Sockets;

/// <summary>What is counted of clients' sockets, in the meter of the gateway.</summary>
internal static class SocketMetrics
{
    public static void Show(IMeterFactory? meters, ClientSockets sockets)
    {
        // The factory owns the meter, and has one of each name.
        if (meters?.Create(GatewayMetrics.MeterName) is not { } meter)
        {
            return;
        }

        meter.CreateObservableUpDownCounter(
            "clusterchat.sockets",
            () =>
            {
                var (open, waiting, taken) = sockets.Table.Counts;
                return new[] { Of(waiting, "state", "waiting"), Of(taken, "state", "websocket"), Of(open - waiting - taken, "state", "answered") };
            },
            "{socket}",
            "Sockets of clients that are open: such that ask for nothing (yet), those of WebSockets, and those with a request that is being answered.");
        meter.CreateObservableCounter(
            "clusterchat.sockets.refused",
            () =>
            {
                var (overAddress, displaced, silent) = sockets.Table.Closed;
                return new[] { Of(overAddress, "reason", "address"), Of(displaced, "reason", "place"), Of(silent, "reason", "silent") };
            },
            "{socket}",
            "Sockets that were closed before or between requests: the address had too many, others needed the place, nothing came.");
        meter.CreateObservableUpDownCounter(
            "clusterchat.input.held", () => sockets.Input.Budget.Held, "By", "What is held of requests and messages that are not whole.");
        meter.CreateObservableGauge(
            "clusterchat.input.limit", () => GatewayMetrics.Limit(sockets.Input.Budget.Most), "By", "How much of it may be held; not there where it has no limit.");
        meter.CreateObservableCounter(
            "clusterchat.input.given_up",
            () => new[] { Of(sockets.Input.Budget.GivenUp, "reason", "memory"), Of(sockets.Input.Stalled, "reason", "stalled") },
            "{client}",
            "Clients that were ended with what they had begun to send: it was the most where too much was held, or did not go on.");
    }

    private static Measurement<long> Of(long value, string key, string tag) => new(value, new KeyValuePair<string, object?>(key, tag));
}
