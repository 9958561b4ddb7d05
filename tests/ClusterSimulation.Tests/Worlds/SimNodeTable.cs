using ClusterChat.Cluster.Arbiter;
using ClusterChat.ClusterSimulation.Kernel;

namespace ClusterChat.ClusterSimulation.Worlds;

/// <summary>
/// A process's client of the database. A call whose answer is lost has taken effect, and so may one of a process that died meanwhile.
/// </summary>
internal sealed class SimNodeTable(SimDatabase database, SimNode node) : INodeTable
{
    private static readonly TimeSpan MinWay = TimeSpan.FromMicroseconds(200);
    private static readonly TimeSpan MaxWay = TimeSpan.FromMilliseconds(4);

    // As long as adapters wait for a database that does not answer.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public ValueTask<NodeList> ReadAsync(CancellationToken cancellationToken) => new(CallAsync(() => database.List, cancellationToken));

    public ValueTask<bool> TryChangeAsync(NodeChange change, CancellationToken cancellationToken) =>
        new(CallAsync(() => database.TryChange(change, node.Name), cancellationToken));

    private Task<T> CallAsync<T>(Func<T> call, CancellationToken cancellationToken)
    {
        var world = node.World;
        var answer = new TaskCompletionSource<T>();
        cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        InNode(Timeout, () => answer.TrySetException(new NodeTableUnavailableException("The database did not answer in time.")));
        world.After(world.Between(MinWay, MaxWay), () =>
        {
            if (database.IsAway || world.Network.IsCut(node.Name, SimDatabase.Host))
                return;
            var result = call();
            if (!world.Network.IsCut(SimDatabase.Host, node.Name))
                InNode(world.Between(MinWay, MaxWay), () => answer.TrySetResult(result));
        });
        return answer.Task;

        void InNode(TimeSpan after, Action action) => world.Arm(new SimTimer(world, node, action), after);
    }
}
