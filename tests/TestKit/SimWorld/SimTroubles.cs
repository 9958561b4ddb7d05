namespace ClusterChat.TestKit;

/// <summary>Kinds of things that go wrong in a cluster.</summary>
[Flags]
public enum SimTroubles
{
    /// <summary>Nothing but clients that are cut off.</summary>
    None = 0,

    /// <summary>Processes are killed, and started again.</summary>
    Kills = 1,

    /// <summary>Processes stand still for a while.</summary>
    Pauses = 2,

    /// <summary>Nothing gets through between some nodes, one way or both, for a while.</summary>
    Cuts = 4,

    /// <summary>Links break, and what is on them is lost.</summary>
    Drops = 8,

    /// <summary>Nodes are asked to stop, and started again.</summary>
    Drains = 16,

    /// <summary>Nodes come that were not there before, and go for good.</summary>
    Scaling = 32,

    /// <summary>Wall clocks jump.</summary>
    ClockJumps = 64,

    /// <summary>Single nodes cannot reach the store.</summary>
    StoreCutOffs = 128,

    /// <summary>The store is away, slow, late, or loses requests and answers.</summary>
    Store = 256,

    /// <summary>Little may be on its way to a gateway: events and answers are dropped.</summary>
    NarrowLinks = 512,

    /// <summary>Sharding is wrong: rooms have two owners, lose theirs, and nodes hear late or never where rooms are.</summary>
    Placement = 1024,
}
