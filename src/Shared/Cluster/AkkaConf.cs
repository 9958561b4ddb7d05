using Akka.Configuration;

namespace ClusterChat.Cluster;

/// <summary>The settings of Akka that no typed option reaches: <c>akka.conf</c>, where each value has its reason.</summary>
public static class AkkaConf
{
    private const string Resource = "ClusterChat.Cluster.akka.conf";

    /// <summary>Reads them. Everything that depends on the node, as addresses and roles, is put before them by the host.</summary>
    public static Config Load()
    {
        using var stream = typeof(AkkaConf).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly is incomplete: {Resource} is missing.");
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
