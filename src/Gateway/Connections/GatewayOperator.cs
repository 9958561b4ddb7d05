using System.Text.Json;
using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>Carries out operators' orders on the connections of this gateway.</summary>
internal sealed class GatewayOperator(ConnectionRegistry registry, ConnectionServices services)
{
    private const string GuestPrefix = "g:";

    /// <summary>As long as an actor may be busy with the frame that it has begun.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    public Task<GatewayReport> ExecuteAsync(GatewayOrder order) => order switch
    {
        DisconnectUser disconnect => Task.FromResult(Disconnect(disconnect.User)),
        SendNotice notice => Task.FromResult(Notify(notice.Text)),
        ListConnections list => ListAsync(list),
        ApplyBlocks => ApplyBlocksAsync(),
        _ => throw new ArgumentException($"Nobody carries out {order.GetType().Name}.", nameof(order)),
    };

    private GatewayReport Disconnect(string user)
    {
        var count = 0;
        foreach (var connection in registry.All.Where(c => Is(c, user)))
        {
            connection.Outbox.Close(CloseReason.Disconnected, "disconnected by an administrator");
            count++;
        }

        return new GatewayReport(count, [], false);
    }

    private GatewayReport Notify(string text)
    {
        var line = ServerMessages.Notice(text);
        var count = 0;
        foreach (var connection in registry.All.Where(c => c.Who is not null || c is SseConnection))
        {
            connection.SendNotice(text, line);
            count++;
        }

        return new GatewayReport(count, [], false);
    }

    private async Task<GatewayReport> ApplyBlocksAsync()
        => new(await services.KeptOut.ReadAsync(), [], false);

    private async Task<GatewayReport> ListAsync(ListConnections list)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        var candidates = registry.All
            .Where(c => c.Id > list.After && (list.User is null || Is(c, list.User)))
            .OrderBy(c => c.Id);

        // Which rooms it is in only its actor knows. Asked for in pages, so that few wait at a time.
        foreach (var chunk in candidates.Chunk(256))
        {
            var asked = chunk.Select(c => (Connection: c, Rooms: RoomsOf(c))).ToArray();
            foreach (var (connection, rooms) in asked)
            {
                var names = await rooms;
                if (list.Room is not null && !names.Contains(list.Room, StringComparer.Ordinal))
                {
                    continue;
                }

                if (found.Count == list.Limit)
                {
                    return new GatewayReport(found.Count, found, true);
                }

                found.Add(Describe(connection, names));
            }
        }

        return new GatewayReport(found.Count, found, false);
    }

    private async Task<string[]> RoomsOf(ClientConnection connection)
    {
        var asked = new RoomsAsked();
        try
        {
            if (connection.IsOver)
            {
                return [];
            }

            connection.Actor.Tell(asked, ActorRefs.NoSender);
            return await asked.Answer.WaitAsync(AnswerTimeout, services.Clock);
        }
        catch (TimeoutException)
        {
            // It ended meanwhile.
            return [];
        }
    }

    private byte[] Describe(ClientConnection connection, string[] rooms)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("node"u8, services.NodeName);
            json.WriteNumber("id"u8, connection.Id);
            json.WriteString("kind"u8, connection switch { JsonConnection => "json", PlainConnection => "plain", _ => "sse" });
            if (connection.Who?.Member is { } member)
            {
                json.WriteString("user"u8, member.User);
                json.WriteString("name"u8, member.Name);
            }

            if (connection.Who?.SessionId is { } session)
            {
                json.WriteString("session"u8, session);
            }

            json.WriteString("address"u8, connection.Allowance?.Address);
            json.WriteNumber("openMs"u8, (long)services.Clock.GetElapsedTime(connection.OpenedAt).TotalMilliseconds);
            json.WriteNumber("unacked"u8, connection.Unacked);
            json.WriteStartArray("rooms"u8);
            foreach (var room in rooms)
            {
                json.WriteStringValue(room);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    // A guest is known to others by its name only.
    private static bool Is(ClientConnection connection, string user)
        => connection.Who?.Member is { } member
            && (member.User == user || (member.Name == user && member.User.StartsWith(GuestPrefix, StringComparison.Ordinal)));
}
