namespace ClusterChat.Actors;

/// <summary>
/// Decides when and where turns run. Each call leads to one <see cref="IRunnable.Run"/>, later, never on the caller's stack;
/// what the caller wrote before is visible to it. No order between different works is promised.
/// </summary>
public interface IDispatcher
{
    void Schedule(IRunnable work);
}
