namespace ClusterChat.Soak;

/// <summary>What a long run is to do.</summary>
/// <param name="Minutes">No fault begins later.</param>
/// <param name="Times">It is over when each kind of fault happened so often; 0 for no such end.</param>
/// <param name="Store"><c>sqlite</c> or <c>postgres</c>.</param>
/// <param name="Nodes">How many nodes; from four on, one is a gateway only and one owns rooms only.</param>
/// <param name="Clients">How many clients, each in two rooms.</param>
/// <param name="Rooms">How many rooms.</param>
/// <param name="PerSecond">Messages a second, all clients together.</param>
/// <param name="Seed">Of the faults and of who says what.</param>
/// <param name="Faults">Which kinds.</param>
internal sealed record SoakOptions(
    double Minutes, int Times, string Store, int Nodes, int Clients, int Rooms, int PerSecond, int Seed, IReadOnlyList<string> Faults);
