using System.Collections.Concurrent;
using ClusterChat.Gateway.Connections;

namespace ClusterChat.Gateway.Limits;

/// <summary>
/// What is sent to this node's clients and not taken by them: how long each of them may take nothing, and how much the node may hold for all of them.
/// Connections count by their outboxes, which their registry looks after; answers over HTTP where they meet the socket, looked after here.
/// Thread-safe.
/// </summary>
public sealed class ClientOutput
{
    private readonly ConcurrentDictionary<UntakenAnswer, byte> _answers = new(ReferenceEqualityComparer.Instance);

    /// <summary>Creates it.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="clock">The clock.</param>
    public ClientOutput(GatewayOptions options, TimeProvider clock)
    {
        Budget = new ByteBudget(options.OutputBytes ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / GatewayOptions.OutputShare);
        Patience = options.OutputTimeout;
        Clock = clock;
    }

    /// <summary>What is held for those who do not take it.</summary>
    internal ByteBudget Budget { get; }

    /// <summary>So long a client may take nothing.</summary>
    internal TimeSpan Patience { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Clock { get; }

    /// <summary>An answer has to wait for its client.</summary>
    internal void Add(UntakenAnswer answer) => _answers.TryAdd(answer, 0);

    /// <summary>It does not any more.</summary>
    internal void Remove(UntakenAnswer answer) => _answers.TryRemove(answer, out _);

    /// <summary>Ends the connections that have taken nothing of an answer for too long. Every second or so.</summary>
    internal void Sweep()
    {
        foreach (var (answer, _) in _answers)
        {
            answer.Sweep(Patience);
        }
    }
}
