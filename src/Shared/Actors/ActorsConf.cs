using Akka.Configuration;

namespace ClusterChat.Actors;

/// <summary>How actors run: <c>actors.conf</c>.</summary>
public static class ActorsConf
{
    /// <summary>The file, as it was built in.</summary>
    public static Config Load()
    {
        using var stream = typeof(ActorsConf).Assembly.GetManifestResourceStream("actors.conf")!;
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
