namespace ClusterChat.ClusterSimulation.Worlds;

/// <summary>How troubles follow each other.</summary>
internal enum UnrestKind
{
    /// <summary>The next one comes when the cluster is whole again.</summary>
    Gentle,

    /// <summary>They come at any time.</summary>
    Wild,
}
