using System.Collections.Concurrent;
using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.TestKit;

/// <summary>Answers for some addresses by itself, and dials the others.</summary>
/// <param name="inner">Dials.</param>
public sealed class ScriptedProbe(INodeProbe inner) : INodeProbe
{
    private readonly ConcurrentDictionary<string, ProbeResult> _answers = new(StringComparer.Ordinal);

    /// <summary>What comes of dials to an address from now on.</summary>
    public void Answer(string address, ProbeResult result) => _answers[address] = result;

    /// <inheritdoc/>
    public Task<ProbeResult> DialAsync(string address, CancellationToken cancellationToken) =>
        _answers.TryGetValue(address, out var answer) ? Task.FromResult(answer) : inner.DialAsync(address, cancellationToken);
}
