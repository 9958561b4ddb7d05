namespace ClusterChat.Siege.Attacks;

/// <summary>
/// What somebody does to a node, from the outside. It runs in a process of its own, with a lower priority, as if on another machine:
/// the two share the processors, and the node's work is to be seen, not the attacker's.
/// </summary>
internal abstract class Attack
{
    /// <summary>For the command line.</summary>
    public abstract string Name { get; }

    /// <summary>For the table.</summary>
    public abstract string Title { get; }

    /// <summary>Whether it means no harm: then nobody of it may be refused or cut, and it has the node's priority.</summary>
    public virtual bool IsHonest => false;

    /// <summary>Options of the node that differ from the defaults, such as <c>Auth:Mode</c>.</summary>
    public virtual IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The files that the node may have open; null for as many as this program.</summary>
    public virtual int? Files => null;

    /// <summary>The secret of the tokens that the node asks for; null where guests are welcome.</summary>
    public string? Secret => Settings.GetValueOrDefault("Auth:Jwt:Secret");

    /// <summary>What has to be there beforehand. It is not measured.</summary>
    public virtual Task PrepareAsync(AttackField field, CancellationToken stop) => Task.CompletedTask;

    /// <summary>Attacks until it is stopped; then it may ask what has become of it.</summary>
    public abstract Task RunAsync(AttackField field, CancellationToken stop);
}
