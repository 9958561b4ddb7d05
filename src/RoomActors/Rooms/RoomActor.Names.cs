using System.Globalization;
using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.RoomActors.Rooms;

/// <content>
/// Names: who is in the room has its own, and who was and may come back still does for a while (<see cref="HeldNames"/>). Of two who want one, it is that of the
/// earlier.
/// </content>
internal sealed partial class RoomActor
{
    // Who comes back waits at a screen; and a crowd that does so is to cost little.
    private const int NameRetryMs = 5000;

    /// <summary>Counts a member in, under its name.</summary>
    /// <returns>Why it may not have the name; null where it is in.</returns>
    private ProtocolError? TakeName(string gateway, Member member, bool comesBack)
    {
        var held = _services.Names.Find(_self.Name, member);
        var isOwn = held?.User == member.User;
        if (!isOwn && Refuse(member, held, comesBack) is { } refused)
        {
            return refused;
        }

        if (isOwn)
        {
            _services.Names.Remove(_self.Name, member);
        }

        _presence.Add(gateway, member, isFirst: isOwn);
        return null;
    }

    /// <summary>Why a visitor may not write under a name; null where it may.</summary>
    private ProtocolError? RefuseName(Member visitor)
    {
        var held = _services.Names.Find(_self.Name, visitor);
        return held?.User == visitor.User ? null : Refuse(visitor, held, comesBack: false);
    }

    /// <summary>Who comes back has writes that wait, and is not to lose them: it is told when to try again.</summary>
    private ProtocolError? Refuse(Member member, NameHold? held, bool comesBack)
    {
        if (_presence.IsTaken(member))
        {
            return new ProtocolError(
                ErrorCode.NameTaken, $"Somebody else is in the room as \"{member.Name}\".", comesBack ? NameRetryMs : 0);
        }

        return held is not { } other ? null : new ProtocolError(
            ErrorCode.NameTaken,
            string.Create(CultureInfo.InvariantCulture, $"\"{member.Name}\" is held for somebody whose line broke, for {Math.Ceiling(other.Left.TotalSeconds)} s more."),
            comesBack ? (int)Math.Clamp(other.Left.TotalMilliseconds, 1, NameRetryMs) : 0);
    }

    private void Leaves(RoomSubscriber subscriber, Leave leave)
    {
        if (_presence.Remove(leave.Gateway, leave.Member) && leave.MayReturn)
        {
            Hold(leave.Member);
        }

        if (leave.Request != 0)
        {
            Reply(subscriber, new Left(_self.Name, leave.Stream, leave.Request));
        }
    }

    /// <summary>
    /// Sets what one gateway has in the room. Who is not there any more has not taken its leave, or that got lost: the name is held.
    /// </summary>
    private void SetMembers(string gateway, IReadOnlyList<Member> members)
    {
        foreach (var gone in _presence.Replace(gateway, members))
        {
            Hold(gone);
        }

        if (members.Count > 0 && _services.Names.Any(_self.Name))
        {
            foreach (var member in members)
            {
                _services.Names.Remove(_self.Name, member);
            }
        }
    }

    private void Hold(Member member)
    {
        if (!member.Fleeting)
        {
            _services.Names.Add(_self.Name, member);
        }
    }
}
