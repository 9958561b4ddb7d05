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
    private int _isBeginning;

    public SocketPlace(SocketTable table, Socket socket, string address, bool isCounted, object listener)
    {
        _table = table;
        Socket = socket;
        Address = address;
        IsCounted = isCounted;
        Listener = listener;
        Node = new LinkedListNode<SocketPlace>(this);
    }

    public Socket Socket { get; }

    /// <summary>From where it comes; see <see cref="Limits.AddressKey"/>.</summary>
    public string Address { get; }

    /// <summary>Whether it counts for its address: not where that is a proxy's.</summary>
    public bool IsCounted { get; }

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

    /// <summary>Waits until the web server gets round to it.</summary>
    public async ValueTask WaitForTurnAsync()
    {
        await _table.Turns.WaitAsync(Address);
        Volatile.Write(ref _isBeginning, 1);
    }

    /// <summary>The web server has looked at what came first, or the socket is closed: it is the turn of another one.</summary>
    public void Begun()
    {
        if (Volatile.Read(ref _isBeginning) == 1 && Interlocked.Exchange(ref _isBeginning, 0) == 1)
        {
            _table.Turns.Release();
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
    public void Taken()
    {
        _table.Move(this, SocketStage.Taken);
        Begun();
    }

    /// <summary>It is closed. What is called more often counts once.</summary>
    public void Free()
    {
        _table.Move(this, SocketStage.Closed);
        Begun();
    }

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
