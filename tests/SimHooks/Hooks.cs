namespace ClusterChat.SimHooks;

/// <summary>
/// What Akka's woven assemblies call instead of clocks, blocking waits and the thread pool. Where no simulated process runs on the
/// thread each method does what the replaced one does, so woven assemblies behave as published outside of a simulation.
/// </summary>
public static partial class Hooks
{
    [ThreadStatic]
    private static IHookTarget? _target;

    /// <summary>Whose code runs on this thread; null outside of a simulation.</summary>
    public static IHookTarget? Target { get => _target; set => _target = value; }

    /// <summary>Out of the world's seed.</summary>
    [Replaces("System.Guid::NewGuid()")]
    public static Guid NewGuid()
    {
        if (_target is not { } target)
            return Guid.NewGuid();
        Span<byte> bytes = stackalloc byte[16];
        target.Random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <inheritdoc cref="NewGuid"/>
    [Replaces("System.Random::.ctor()")]
    public static Random NewRandom() => _target is { } target ? new Random(target.Random.Next()) : new Random();
}
