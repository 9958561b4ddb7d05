using Akka.Actor;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>
/// A client that is in one room from the start to the end, and does not ask for it: it is entered, and entered
/// again where it was when the room lets it go.
/// </summary>
internal abstract class OneRoomConnectionActor(ClientConnection connection, ConnectionServices services)
    : ConnectionActor(connection, services), IWithTimers
{
    private const string RetryTimer = "retry";
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        base.PreStart();
        Enter();
    }

    protected override void OnReceive(object message)
    {
        if (message is EnterAgain)
        {
            Enter();
        }
        else
        {
            base.OnReceive(message);
        }
    }

    protected override void OnJoinEnded(JoinEnded ended)
    {
        if (ended.Error is { IsTemporary: false } error)
        {
            OnRefused(error);
        }
        else
        {
            var retry = TimeSpan.FromMilliseconds(ended.Error?.RetryMs ?? 0);
            Timers.StartSingleTimer(RetryTimer, EnterAgain.Instance, retry > RetryAfter ? retry : RetryAfter);
        }
    }

    /// <summary>Joins the room, as whom and where it has to be now.</summary>
    protected abstract void Enter();

    /// <summary>The room does not let the client in.</summary>
    protected abstract void OnRefused(ProtocolError error);

    private sealed record EnterAgain : IConnectionMessage
    {
        public static EnterAgain Instance { get; } = new();
    }
}
