namespace ClusterChat.Cluster.Tests.Harness.Faults;

/// <summary>A fault, or an end of one, as the report counts it.</summary>
/// <param name="Kind">What it is called in the table.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">The last message that counts was published then.</param>
/// <param name="Rooms">Whose writes it stops.</param>
/// <param name="Clients">Whose gateway it takes; or, with <paramref name="Others"/>, who does not count.</param>
internal sealed record Incident(string Kind, TimeSpan Start, TimeSpan End, IReadOnlySet<string> Rooms, IReadOnlySet<string> Clients)
{
    /// <summary>Whether it is about all those whom the fault should not touch.</summary>
    public bool Others { get; init; }

    /// <summary>Whether its clients are served until they go: how long they take to go is no pause.</summary>
    public bool Graceful { get; init; }

    /// <summary>Whether the time from a message's publishing to its arrival at a client counts.</summary>
    public bool Concerns(string room, string author, string recipient)
        => Others
            ? !Rooms.Contains(room) && !Clients.Contains(author) && !Clients.Contains(recipient)
            : Rooms.Contains(room) || Clients.Contains(author) || Clients.Contains(recipient);
}
