namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// The gateways that are gone for good. What such a one asked last may wait in a mailbox or a region's buffer, and would open a stream
/// that nobody ends. The newest ones are kept: whatever is on its way from a gateway does not outlive a thousand restarts of others. Any thread.
/// </summary>
internal sealed class GoneGateways
{
    private const int Kept = 1000;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = [];

    public void Add(string gateway)
    {
        lock (_gate)
        {
            if (!_gone.Add(gateway))
            {
                return;
            }

            _order.Enqueue(gateway);
            if (_order.Count > Kept)
            {
                _gone.Remove(_order.Dequeue());
            }
        }
    }

    public bool Contains(string gateway)
    {
        lock (_gate)
        {
            return _gone.Contains(gateway);
        }
    }
}
