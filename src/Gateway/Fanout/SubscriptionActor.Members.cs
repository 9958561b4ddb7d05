using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Fanout;

/// <content>Members: who is in the room here, by however many connections, and that the room hears of it.</content>
internal sealed partial class SubscriptionActor
{
    private readonly Dictionary<string, SeatedMember> _members = new(StringComparer.Ordinal);

    // When the room was told on this stream that somebody left, by number; until it answers.
    private readonly Dictionary<long, long> _leaves = [];

    private IReadOnlyList<Member> Members => [.. _members.Values.Select(m => m.Member)];

    /// <summary>Counts the member in: it is in the room once, however many connections it has here.</summary>
    private void Sit(Seat seat)
    {
        if (seat.Join.Member == seat.Seated)
        {
            return;
        }

        Stand(seat, mayReturn: false);
        if (seat.Join.Member is { } member)
        {
            seat.Seated = member;
            if (_members.TryGetValue(member.Name, out var seated))
            {
                seated.Connections++;
            }
            else
            {
                _members.Add(member.Name, new SeatedMember(member));
            }
        }
    }

    private void Stand(Seat seat, bool mayReturn)
    {
        if (seat.Seated is { } member && _members.TryGetValue(member.Name, out var seated) && --seated.Connections == 0)
        {
            _members.Remove(member.Name);
            TellIfGone(member, mayReturn);
        }

        seat.Seated = null;
    }

    /// <summary>Tells the room that a member has left, unless it is here by another connection, or on its way in.</summary>
    private void TellIfGone(Member? member, bool mayReturn)
    {
        if (member is not null && !_members.ContainsKey(member.Name) && !_seats.Values.Any(s => s.Join.Member == member))
        {
            SendLeave(member, mayReturn);
        }
    }

    /// <summary>Nothing but its answer says that the room knows. Where there is no stream, the next one's opening says who is there.</summary>
    private void SendLeave(Member member, bool mayReturn)
    {
        if (_stream != 0 && _reopenAt == long.MaxValue)
        {
            _leaves.Add(++_lastRequest, Now);
            Tell(new Leave(Room, services.Cluster.Self, _stream, member, mayReturn, _lastRequest));
        }
    }
}
