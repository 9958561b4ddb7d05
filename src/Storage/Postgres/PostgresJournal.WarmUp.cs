using ClusterChat.RoomActors.Journal;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <content>
/// A node that joins a cluster owns rooms from one moment to the next, and their members wait for it.
/// </content>
public sealed partial class PostgresJournal
{
    // The driver prepares a statement on a connection when it comes the second time.
    private const int Rounds = 2;
    private static readonly int[] OnlyPlace = [0];

    /// <summary>
    /// Opens all connections and runs each statement on them, without effect, so that no room has to wait for that. A
    /// database that is away is no error: the rooms will find out. To be called after <see cref="StartAsync"/>.
    /// </summary>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        var connections = new List<NpgsqlConnection>();
        try
        {
            for (var i = _options.AppendConnections + _options.OpenConnections + _options.ReadConnections; i > 0; i--)
                connections.Add(await _source.OpenConnectionAsync(cancellationToken));
            foreach (var connection in connections)
                await WarmUpAsync(connection, cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            // What is not warm then is slow once.
        }
        finally
        {
            foreach (var connection in connections)
                await connection.DisposeAsync();
        }
    }

    private async Task WarmUpAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Nobody has a room of that name; what opens it is rolled back.
        var room = "warm-up " + LogNames.New();
        AppendEntry[] batch = [new(room, 0, 0, [new StoredEvent(1, EventKind.Message, "a", "m", 0, 0, "{}"u8.ToArray())])];
        for (var round = 0; round < Rounds; round++)
        {
            await _appender.AppendAsync(connection, batch, OnlyPlace, new AppendResult[1]);
            await ReadAsync(connection, room, new ReadRange(0, long.MaxValue, 1, Newest: round == 0));
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await OpenAsync(connection, room, 0, 1);
            await transaction.RollbackAsync(cancellationToken);
        }
    }
}
