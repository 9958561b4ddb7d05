using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.Sockets;

namespace ClusterChat.Gateway.Tests;

/// <summary>Sockets of clients with the limits that a test wants, and no others.</summary>
internal static class TestSockets
{
    public static ClientSockets Unlimited() => Of(new SocketLimits { Most = int.MaxValue }, clock: TimeProvider.System);

    public static ClientSockets Of(SocketLimits limits, UnfinishedInput? input = null, TimeProvider? clock = null)
        => new(limits, input ?? UnfinishedInput.Unlimited(clock ?? TimeProvider.System), clock ?? TimeProvider.System);
}
