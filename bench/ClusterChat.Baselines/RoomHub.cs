using Microsoft.AspNetCore.SignalR;

namespace ClusterChat.Baselines;

/// <summary>Rooms as SignalR's groups.</summary>
internal sealed class RoomHub : Hub
{
    public Task Join(string room) => Groups.AddToGroupAsync(Context.ConnectionId, room);

    public Task Say(string room, string text) => Clients.Group(room).SendAsync("msg", text);
}
