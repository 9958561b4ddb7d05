using Akka.Remote.Transport;
using Google.Protobuf;

namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>One end of a connection.</summary>
internal sealed class SimHandle : AssociationHandle
{
    private readonly SimNetwork _network;
    private readonly Queue<IHandleEvent> _unread = new();
    private bool _isClosed;

    internal SimHandle(SimNetwork network, SimTransport transport, Akka.Actor.Address remote)
        : base(transport.Local, remote)
    {
        (_network, Transport) = (network, transport);
        // What came before somebody reads waits.
        _ = ReadHandlerSource.Task.ContinueWith(_ => ReadAll(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, Node.Tasks);
    }

    internal SimTransport Transport { get; }

    internal SimNode Node => Transport.Node;

    internal SimHandle Peer { get; set; } = null!;

    /// <summary>What was sent to this end and has not arrived, oldest first.</summary>
    internal Queue<IHandleEvent> OnWay { get; } = new();

    /// <summary>When the newest of them arrives, in ticks of the world.</summary>
    internal long LastArrival { get; set; }

    /// <summary>How many of them would be here if the way were not cut.</summary>
    internal int Overdue { get; set; }

    public override bool Write(ByteString payload)
    {
        if (_isClosed)
            return false;
        _network.Send(Peer, new InboundPayload(payload));
        return true;
    }

    [Obsolete("As in the base class.")]
    public override void Disassociate() => Close();

    internal void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _network.Forget(this);
        _network.Send(Peer, new Disassociated(DisassociateInfo.Unknown));
    }

    /// <summary>A frame is in the process's kernel. A paused one takes it when it goes on, and in this order.</summary>
    internal void Arrive(IHandleEvent frame)
    {
        if (_isClosed)
            return;
        if (frame is Disassociated)
        {
            _isClosed = true;
            _network.Forget(this);
        }
        _unread.Enqueue(frame);
        Node.Schedule(() =>
        {
            if (ReadHandlerSource.Task.IsCompletedSuccessfully)
                ReadAll();
        });
    }

    private void ReadAll()
    {
        while (_unread.TryDequeue(out var frame))
            ReadHandlerSource.Task.Result.Notify(frame);
    }
}
