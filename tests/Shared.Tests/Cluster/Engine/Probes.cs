using Akka.Actor;
using Akka.TestKit;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>Looks at what came to a probe without waiting for what does not come.</summary>
internal static class Probes
{
    /// <summary>All that was told before this call.</summary>
    /// <param name="probe">The probe.</param>
    /// <param name="sender">Who has to be the sender; null for anybody.</param>
    public static List<object> All(this TestProbe probe, IActorRef? sender = null)
    {
        var end = new object();
        probe.Ref.Tell(end, ActorRefs.NoSender);
        var all = new List<object>();
        while (probe.ReceiveOne() is { } message && !ReferenceEquals(message, end))
        {
            if (sender is not null)
            {
                probe.LastSender.ShouldBe(sender);
            }

            all.Add(message);
        }

        return all;
    }
}
