using ClusterChat.Cluster;

namespace ClusterChat.Messages;

/// <summary>The answer to <see cref="ListRooms"/>.</summary>
/// <param name="Request">The request's number.</param>
/// <param name="Listing">The node's share; null where it cannot be had, which is not the same as no rooms.</param>
public sealed record RoomsListed(long Request, RoomListing? Listing) : INodeMessage;
