namespace ClusterChat.TestKit;

/// <summary>A call that its caller gave up and that has not reached the store yet.</summary>
public sealed class HeldCall
{
    private readonly Func<Task> _apply;
    private Task? _applied;

    internal HeldCall(JournalCall call, Func<Task> apply)
    {
        Call = call;
        _apply = apply;
    }

    /// <summary>Which call.</summary>
    public JournalCall Call { get; }

    /// <summary>Whether it was released.</summary>
    public bool IsReleased => _applied is not null;

    /// <summary>Lets it take effect now, if the store still accepts it; nobody hears the answer. At most once.</summary>
    public Task ReleaseAsync() => _applied ??= _apply();
}
