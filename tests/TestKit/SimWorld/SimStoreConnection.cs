using ClusterChat.RoomActors.Journal;

namespace ClusterChat.TestKit;

/// <summary>
/// A process's way to the store. The request leaves the process at once, so that it goes on without it: a killed
/// process's append may still take effect.
/// </summary>
internal sealed class SimStoreConnection(Simulation simulation, SimulatedProcess process, IJournal store) : IJournal
{
    public ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken)
        => Call(() => store.OpenAsync(room, view, tail, CancellationToken.None), cancellationToken);

    public ValueTask<IReadOnlyList<AppendResult>> AppendAsync(IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken)
        => Call(() => store.AppendAsync(batch, CancellationToken.None), cancellationToken);

    public ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken)
        => Call(() => store.ReadAsync(room, range, CancellationToken.None), cancellationToken);

    public ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
        => Call(() => store.ListRoomsAsync(prefix, after, limit, CancellationToken.None), cancellationToken);

    private ValueTask<T> Call<T>(Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>();
        cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        simulation.Post(() => _ = AnswerAsync(call, answer));
        return new ValueTask<T>(answer.Task);
    }

    // Runs in the world, not in the process.
    private async Task AnswerAsync<T>(Func<ValueTask<T>> call, TaskCompletionSource<T> answer)
    {
        try
        {
            var result = await call();
            process.Post(() => answer.TrySetResult(result), "store answers");
        }
        catch (Exception error)
        {
            process.Post(() => answer.TrySetException(error), "store fails");
        }
    }
}
