using ClusterChat.Cluster;

namespace ClusterChat.Gateway.Fanout;

/// <content>What is kept of each client and each member.</content>
internal sealed partial class SubscriptionActor
{
    /// <summary>A client's place in the room.</summary>
    private sealed class Seat(JoinRoom join)
    {
        public JoinRoom Join { get; } = join;

        public IRoomClient Client => Join.Client;

        /// <summary>Requests that came while it was on the way in.</summary>
        public List<RoomCall> Waiting { get; } = [];

        /// <summary>The member that it is counted as.</summary>
        public Member? Seated { get; set; }

        /// <summary>Whether a page has gone out.</summary>
        public bool Entered { get; set; }

        /// <summary>A write was refused for now, and the client has not confirmed yet that it heard so.</summary>
        public int? Unheard { get; set; }

        /// <summary>Whether live events go out to it.</summary>
        public bool IsLive { get; set; }

        /// <summary>The log of the pages that went out to it.</summary>
        public string Log { get; set; } = "";

        /// <summary>The last event that went out to it in a page.</summary>
        public long From { get; set; }
    }

    private sealed class SeatedMember(Member member)
    {
        public Member Member { get; } = member;

        public int Connections { get; set; } = 1;
    }
}
