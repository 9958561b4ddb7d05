using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>As many connections as the node may have files, on which nothing is said.</summary>
internal sealed class SilentSockets : Attack
{
    // A limit that one attacker's own descriptors are enough for.
    private const int NodeFiles = 12_000;

    public override string Name => "silent-sockets";

    public override string Title => "12,000 silent sockets, where the node may have 12,000 files open";

    public override int? Files => NodeFiles;

    public override Task RunAsync(AttackField field, CancellationToken stop)
        => AttackField.ManyAsync(field.Of(NodeFiles), (_, s) => field.SendAndListenAsync(Addresses.Attacker, [], s), stop);
}
