using System.Globalization;

namespace ClusterChat.Host;

/// <summary>What <c>up</c> starts.</summary>
/// <param name="Nodes">How many nodes.</param>
/// <param name="FirstPort">The port of the first one; the others follow.</param>
/// <param name="Data">The folder of the database files.</param>
/// <param name="Postgres">The connection string of the PostgreSQL database instead, or null.</param>
internal sealed record UpOptions(int Nodes, int FirstPort, string Data, string? Postgres)
{
    public IEnumerable<int> Ports => Enumerable.Range(FirstPort, Nodes);

    public IEnumerable<string> Addresses => Ports.Select(p => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{p}"));
}
