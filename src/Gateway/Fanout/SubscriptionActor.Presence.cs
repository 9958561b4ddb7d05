using ClusterChat.Cluster;

namespace ClusterChat.Gateway.Fanout;

/// <content>
/// Who is there, as live clients were told, step by step. An owner tells what changes while the stream is open. What
/// changed between two streams nobody tells: somebody came or went while this gateway still heard the owner before,
/// or went with the node that was killed. So some time after each new stream the owner is asked for the names, and clients
/// hear the difference.
/// </content>
internal sealed partial class SubscriptionActor
{
    private const string CensusTimer = "census";
    private const int CensusLimit = 200;

    // A new owner knows who is there once all gateways have come to it: long before, they notice its silence.
    private static readonly TimeSpan CensusAfter = TimeSpan.FromSeconds(5);

    // Null: not known, or too many to be told by name.
    private HashSet<string>? _names;

    private void OnPresence(PresenceChanged presence)
    {
        if (presence is { Joined: { } joined, Left: { } left })
        {
            _names?.UnionWith(joined);
            _names?.ExceptWith(left);
        }
        else
        {
            _names = null;
        }

        foreach (var seat in _live)
        {
            seat.Client.OnPresence(presence);
        }
    }

    private void CountLater()
    {
        if (_live.Count > 0 && _names is not null)
        {
            Context.StartTimer(CensusTimer, CensusDue.Instance, CensusAfter);
        }
    }

    private void Count()
    {
        if (_live.Count > 0 && _names is not null)
        {
            Send(null, (stream, request) => new ListMembers(Room, services.Cluster.Self, stream, request, string.Empty, CensusLimit));
        }
    }

    /// <summary>Takes in who is there at this moment of the stream.</summary>
    private void Reconcile(IReadOnlyList<string>? names, int count)
    {
        var told = _names;
        _names = names is null ? null : new HashSet<string>(names, StringComparer.Ordinal);
        if (told is null || _names is null || _live.Count == 0 || told.SetEquals(_names))
        {
            return;
        }

        var difference = new PresenceChanged(
            Room, _stream, [.. _names.Except(told, StringComparer.Ordinal)], [.. told.Except(_names, StringComparer.Ordinal)], count);
        foreach (var seat in _live)
        {
            seat.Client.OnPresence(difference);
        }
    }
}
