using ClusterChat.Cluster;

namespace ClusterChat.Messages;

/// <summary>
/// A room that stops says what it knows to a node that keeps it for the next activation; or a memory room that takes over what was kept says that
/// nobody else is to do so. Answered with <see cref="RoomKept"/> under the same request number; not answered where that comes too late.
/// </summary>
/// <param name="Request">The sender's number of this request.</param>
/// <param name="Room">The room's name.</param>
/// <param name="State">What it knows. The sender limits its size, and the frame of the link has to hold it.</param>
public sealed record KeepRoom(long Request, string Room, RoomHandover State) : INodeMessage;
