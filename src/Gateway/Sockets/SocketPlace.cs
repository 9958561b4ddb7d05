using System.Net.Sockets;

namespace ClusterChat.Gateway.Sockets;

/// <summary>What is known of a socket.</summary>
internal enum SocketStage
{
    /// <summary>Nothing has come; the web server does not know of it.</summary>
    Silent,

    /// <summary>The web server has it, and has no whole request yet.</summary>
    Asking,

    /// <summary>A request is being answered.</summary>
    Answering,

    /// <summary>All requests were answered, and no other one has come.</summary>
    Idle,

    /// <summary>A WebSocket has it.</summary>
    Taken,

    /// <summary>It is closed.</summary>
    Closed,
}

/// <summary>One client's socket in the <see cref="SocketTable"/>, from the accept to the close. The stage and all below it are guarded by the table.</summary>
internal sealed class SocketPlace
{
    private readonly SocketTable _table;

    public SocketPlace(SocketTable table, Socket socket, string? address, object listener)
    {
        _table = table;
        Socket = socket;
        Address = address;
        Listener = listener;
        Node = new LinkedListNode<SocketPlace>(this);
    }

    public Socket Socket { get; }

    /// <summary>Under which name it is counted; null for a proxy's.</summary>
    public string? Address { get; }

    /// <summary>Who has accepted it.</summary>
    public object Listener { get; }

    public LinkedListNode<SocketPlace> Node { get; }

    public SocketStage Stage { get; set; }

    /// <summary>The web server's side, as long as it has one.</summary>
    public SocketConnection? Connection { get; set; }

    /// <summary>What had come when it was looked at last, and since when no more has.</summary>
    public (long Received, long Since) Seen { get; set; }

    /// <summary>Whether it is the client's turn to say something: not where it has, and the server did not get round to it.</summary>
    public bool IsClientsTurn
    {
        get
        {
            try
            {
                return Connection is { } connection ? connection.Input.ServerWaits : Socket.Available == 0;
            }
            catch (Exception gone) when (SocketStream.IsGone(gone))
            {
                return true;
            }
        }
    }

    /// <summary>The client has said something, and the web server gets the socket.</summary>
    /// <returns>False: it was closed meanwhile.</returns>
    public bool TryBegin(SocketConnection connection) => _table.TryBegin(this, connection);

    /// <summary>A whole request has come.</summary>
    public void Heard() => _table.Move(this, SocketStage.Answering);

    /// <summary>All requests were answered.</summary>
    public void Answered() => _table.Move(this, SocketStage.Idle);

    /// <summary>A WebSocket takes it.</summary>
    public void Taken() => _table.Move(this, SocketStage.Taken);

    /// <summary>It is closed. What is called more often counts once.</summary>
    public void Free() => _table.Move(this, SocketStage.Closed);

    /// <summary>Cuts it without a word, and with no trace of it left in this machine's tables.</summary>
    public void Reset()
    {
        Reset(Socket);
        Free();
    }

    /// <summary>Closes a socket at once: who opens and is closed thousands of times would leave as many behind that wait for their end.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, 0);
        }
        catch (Exception gone) when (SocketStream.IsGone(gone))
        {
            // The client was first.
        }

        socket.Dispose();
    }
}
