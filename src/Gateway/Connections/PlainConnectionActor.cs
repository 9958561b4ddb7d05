using System.Globalization;
using System.Text;
using ClusterChat.Cluster;
using ClusterChat.Gateway.Identity;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>
/// A bare WebSocket client. It is in one room from the start, under a name that is changed until it is free;
/// each frame that it sends is a message.
/// </summary>
internal sealed class PlainConnectionActor(
    PlainConnection connection, ConnectionServices services, string room, ClientIdentity who)
    : OneRoomConnectionActor(connection, services)
{
    private const int NewestOnJoin = 10;
    private int _attempt = 1;

    protected override void OnFrame(ReadOnlySpan<byte> frame)
    {
        var text = Encoding.UTF8.GetString(frame);
        if (!IsWithinRate(null, isSend: text.Length > 0) || text.Length == 0)
        {
            return;
        }

        if (Rules.CheckText(text, hasData: false) is { } wrong)
        {
            Connection.SendError(null, new ProtocolError(ErrorCode.BadRequest, "The message " + wrong + "."));
        }
        else if (Rules.CheckTextLength(text, Services.Protocol.MaxTextBytes) is { } tooLong)
        {
            Connection.SendError(null, new ProtocolError(ErrorCode.TooLong, "The message " + tooLong + "."));
        }
        else
        {
            Send(new SendRequest(null, room, Services.NewMid(), text, null, default));
        }
    }

    protected override void OnJoinEnded(JoinEnded ended)
    {
        // It has no session, so no name waits for it. It takes the next one.
        if (ended.Error is { Code: ErrorCode.NameTaken })
        {
            _attempt++;
            Enter();
        }
        else
        {
            base.OnJoinEnded(ended);
        }
    }

    protected override void OnRefused(ProtocolError error)
    {
        Connection.SendError(null, error);
        Connection.Outbox.Close(CloseReason.Unauthorized, error.Code.ToString());
    }

    protected override void Enter()
    {
        var suffix = _attempt == 1 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"-{_attempt}");
        var stem = who.Member.Name.EnumerateRunes().Take(Rules.MaxUserNameLength - suffix.Length).Aggregate(
            new StringBuilder(), static (text, rune) => text.Append(rune.ToString()));
        Identity = new Member(who.Member.User, stem.Append(suffix).ToString(), Fleeting: who.IsNew);
        Join(new JoinRequest(null, room, connection.Position, NewestOnJoin));
    }
}
