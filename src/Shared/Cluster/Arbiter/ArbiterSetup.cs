using System.Diagnostics.Metrics;
using Akka.Actor;
using Akka.Actor.Setup;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Cluster.Arbiter;

/// <summary>
/// What the arbiter works with. Given to the actor system with its <see cref="ActorSystemSetup"/>, so that the downing provider, which
/// Akka makes by its name, finds it.
/// </summary>
public sealed class ArbiterSetup : Setup
{
    /// <summary>Puts it together.</summary>
    /// <param name="table">The table of nodes.</param>
    /// <param name="name">This node's name; no two processes of a cluster have the same at once.</param>
    /// <param name="roles">Its roles, ordered and separated by a comma; for people who read the table.</param>
    /// <param name="probe">Dials the others.</param>
    /// <param name="evicted">
    /// Called once, when this node is no member any more: has to end the process. Comes from any thread, must not block.
    /// </param>
    /// <param name="options">The limits; null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ArbiterSetup(
        INodeTable table, string name, string roles, INodeProbe probe, Action<EvictionNotice> evicted, ArbiterOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Table = table;
        Name = name;
        Roles = roles;
        Probe = probe;
        Options = options ?? new ArbiterOptions();
        Options.Validate();
        View = new ArbiterView(table, name, evicted);
    }

    /// <summary>The table of nodes.</summary>
    public INodeTable Table { get; }

    /// <summary>This node's name.</summary>
    public string Name { get; }

    /// <summary>Its roles.</summary>
    public string Roles { get; }

    /// <summary>Dials the others.</summary>
    public INodeProbe Probe { get; }

    /// <summary>The limits.</summary>
    public ArbiterOptions Options { get; }

    /// <summary>What this node knows of the table.</summary>
    public ArbiterView View { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The process's log.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Makes the meters; null: nothing is measured.</summary>
    public IMeterFactory? Meters { get; init; }

    /// <summary>
    /// The node was started without a cluster in mind: others cannot reach it, so it must be alone. Formation fails where another
    /// one lives with the same database.
    /// </summary>
    public bool IsLone { get; init; }

    /// <summary>The setup that an actor system was started with.</summary>
    /// <exception cref="InvalidOperationException">It was started without one.</exception>
    public static ArbiterSetup Of(ActorSystem system) => system.Settings.Setup.Get<ArbiterSetup>().GetOrElse(null!)
        ?? throw new InvalidOperationException($"The actor system {system.Name} was started without an {nameof(ArbiterSetup)}.");
}
