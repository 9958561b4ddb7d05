using ClusterChat.Actors;

namespace ClusterChat.Gateway.Connections;

/// <summary>A gateway's lanes, and which connection has which.</summary>
/// <param name="dispatcher">Where they run.</param>
/// <param name="count">How many; about one a core.</param>
internal sealed class Lanes(IDispatcher dispatcher, int count)
{
    private readonly Lane[] _lanes = [.. Enumerable.Range(0, count).Select(_ => new Lane(dispatcher))];

    /// <summary>All of them.</summary>
    public IReadOnlyList<Lane> All => _lanes;

    /// <summary>The lane of a connection.</summary>
    public Lane Of(long connection) => _lanes[(int)(connection % _lanes.Length)];
}
