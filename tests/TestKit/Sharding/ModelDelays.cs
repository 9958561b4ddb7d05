namespace ClusterChat.TestKit;

/// <summary>How long it takes until nodes of the modelled cluster hear of something.</summary>
/// <param name="simulation">The world.</param>
/// <param name="links">How long a message takes.</param>
/// <param name="storeMicroseconds">How long a step of the store takes at most.</param>
/// <param name="late">How late words are now and then; zero for never.</param>
internal sealed class ModelDelays(Simulation simulation, WireDelays links, int storeMicroseconds, TimeSpan late)
{
    /// <summary>Whether nothing is late any more.</summary>
    public bool IsPeace { get; set; }

    /// <summary>One hop.</summary>
    public TimeSpan Short() => links.Next(simulation.Random);

    /// <summary>A call of the store.</summary>
    public TimeSpan Store() => TimeSpan.FromMicroseconds(simulation.Random.Next(50, storeMicroseconds));

    /// <summary>A word that goes round: usually a hop, now and then late.</summary>
    public TimeSpan Word() => Short() + (!IsPeace && simulation.Random.Next(8) == 0 ? late * simulation.Random.NextDouble() : TimeSpan.Zero);
}
