using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Tcp;

namespace ClusterChat.Cluster;

/// <summary>
/// Messages that were sent under a view which this node does not know yet, in the order in which they came. Those who made the
/// change are a little ahead of all others; to refuse what they send would cost them a pause.
/// </summary>
internal sealed class EarlyMessages
{
    // What all rooms of a node may say at once in the few milliseconds that it takes to read the new view.
    private const long MaxBytes = 16 * 1024 * 1024;

    private List<(string Peer, LinkMessage Message)> _messages = [];
    private long _bytes;
    private volatile bool _any;

    /// <summary>Whether there are none, also seen by whoever does not hold the lock.</summary>
    public bool IsEmpty => !_any;

    /// <returns>False: there are too many.</returns>
    public bool TryAdd(string peer, LinkMessage message)
    {
        var weight = MessageWeight.Of(message);
        if (_any && _bytes + weight > MaxBytes)
        {
            return false;
        }

        _bytes += weight;
        _messages.Add((peer, message));
        _any = true;
        return true;
    }

    /// <summary>Hands each of them on; those that are still early may be added again meanwhile.</summary>
    public void Drain(Action<string, LinkMessage> take)
    {
        var messages = _messages;
        (_messages, _bytes) = ([], 0);
        foreach (var (peer, message) in messages)
        {
            take(peer, message);
        }

        _any = _messages.Count > 0;
    }
}
