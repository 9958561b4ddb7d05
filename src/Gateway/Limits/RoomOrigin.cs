namespace ClusterChat.Gateway.Limits;

/// <summary>For whom a room is followed.</summary>
/// <param name="Address">From where, as <see cref="AddressKey"/> says it.</param>
/// <param name="User">The user; null for one who is new with each request, or did not say.</param>
internal readonly record struct RoomOrigin(string Address, string? User);
