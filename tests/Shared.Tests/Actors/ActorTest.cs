namespace ClusterChat.Shared.Tests.Actors;

/// <summary>A test with a simulated actor system.</summary>
public abstract class ActorTest : IDisposable
{
    private protected readonly ActorWorld _world = new();

    public void Dispose()
    {
        _world.Dispose();
        GC.SuppressFinalize(this);
    }
}
