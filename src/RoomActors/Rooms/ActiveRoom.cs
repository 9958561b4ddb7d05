using System.Collections.Immutable;
using Akka.Actor;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// What a room's actor shows of itself to its node, which reads it from other threads: each property is
/// written by the actor alone and replaced as a whole.
/// </summary>
internal sealed class ActiveRoom(string name, IActorRef actor)
{
    private long _head;
    private volatile int _count;
    private volatile ActivationInfo? _activation;

    public string Name { get; } = name;

    public IActorRef Actor { get; } = actor;

    /// <summary>Its place among the rooms of its node, in the order in which they became active.</summary>
    public long Number { get; set; }

    /// <summary>The newest committed event.</summary>
    public long Head
    {
        get => Volatile.Read(ref _head);
        set => Volatile.Write(ref _head, value);
    }

    /// <summary>How many members it has.</summary>
    public int Count
    {
        get => _count;
        set => _count = value;
    }

    /// <summary>Null until the room was opened.</summary>
    public ActivationInfo? Activation
    {
        get => _activation;
        set => _activation = value;
    }
}

/// <summary>One activation of a room.</summary>
/// <param name="Log">The room's log.</param>
/// <param name="Epoch">The activation.</param>
/// <param name="Gateways">Its subscribers.</param>
/// <param name="Awaited">Those who were subscribers of the owner before, and are not here yet.</param>
internal sealed record ActivationInfo(string Log, long Epoch, ImmutableArray<string> Gateways, ImmutableArray<string> Awaited);
