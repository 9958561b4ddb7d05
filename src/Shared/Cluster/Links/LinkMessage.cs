namespace ClusterChat.Cluster.Links;

/// <summary>What nodes say to each other.</summary>
public abstract record LinkMessage;

/// <summary>A gateway's message to a room.</summary>
/// <param name="View">The number of the view under which the receiver was chosen as the owner.</param>
/// <param name="Message">The message.</param>
public sealed record ToRoomLink(long View, ToRoom Message) : LinkMessage;

/// <summary>A room's message to a gateway.</summary>
/// <param name="Message">The message.</param>
public sealed record FromRoomLink(FromRoom Message) : LinkMessage;

/// <summary>The newest events of rooms that the receiver has subscribed to.</summary>
/// <param name="Heads">One a room; a sender splits long lists, 1,000 a message.</param>
public sealed record HeadsLink(IReadOnlyList<RoomHead> Heads) : LinkMessage;

/// <summary>
/// The receiver is not the owner of the room, as far as the sender knows; the stream does not exist.
/// </summary>
/// <param name="Room">The room.</param>
/// <param name="Stream">The stream on which it was asked.</param>
/// <param name="View">The number of the view that the sender knows.</param>
public sealed record NotOwnerLink(string Room, long Stream, long View) : LinkMessage;

/// <summary>Asks the earlier owner of a room for what it knows.</summary>
/// <param name="View">The number of the view under which the sender owns it.</param>
/// <param name="Room">The room.</param>
public sealed record AskHandoverLink(long View, string Room) : LinkMessage;

/// <summary>A room's earlier owner hands over what it knows, whether it was asked or not.</summary>
/// <param name="View">The number of the view under which the receiver was chosen.</param>
/// <param name="Room">The room.</param>
/// <param name="State">What it knows; null for nothing.</param>
public sealed record HandoverLink(long View, string Room, RoomHandover? State) : LinkMessage;

/// <summary>Asks for a page of the rooms that are active on the receiver or known to its journal.</summary>
public sealed record ListRoomsLink(long Request, string Prefix, string After, int Limit) : LinkMessage;

/// <summary>Answers <see cref="ListRoomsLink"/>.</summary>
/// <param name="Request">The number of the question.</param>
/// <param name="Listing">The page; null where it cannot be had.</param>
public sealed record RoomsListedLink(long Request, RoomListing? Listing) : LinkMessage;

/// <summary>Gives an order to the receiver's gateway. Answered with <see cref="GatewayReportLink"/>.</summary>
/// <param name="Request">The sender's number of it.</param>
/// <param name="Order">The order.</param>
public sealed record GatewayOrderLink(long Request, GatewayOrder Order) : LinkMessage;

/// <summary>Answers <see cref="GatewayOrderLink"/>.</summary>
/// <param name="Request">The number of the order.</param>
/// <param name="Report">What came of it; null where it failed.</param>
public sealed record GatewayReportLink(long Request, GatewayReport? Report) : LinkMessage;

/// <summary>
/// A sign of life on a connection that is otherwise silent, with what the sender knows of the cluster.
/// </summary>
/// <param name="View">The number of the newest view that it knows.</param>
/// <param name="StoreReachedMsAgo">How long ago it last reached the database, in milliseconds.</param>
/// <param name="Unreached">
/// The <see cref="ClusterNode.Id"/>s of the nodes of its view to which it has no connection; null: it does not say.
/// </param>
public sealed record AliveLink(long View, long StoreReachedMsAgo, IReadOnlyList<string>? Unreached = null) : LinkMessage;
