namespace ClusterChat.Cluster.Tests.Harness.Load;

/// <summary>How much there is to do.</summary>
/// <param name="Clients">How many clients; each is in two rooms.</param>
/// <param name="Rooms">How many rooms.</param>
/// <param name="PerSecond">How many messages a second all of them publish together, whatever becomes of them.</param>
/// <param name="Prefix">What names of rooms and clients begin with.</param>
/// <param name="Seed">Of who says something where.</param>
internal sealed record LoadPlan(int Clients, int Rooms, int PerSecond, string Prefix, int Seed);
