using ClusterChat.Baselines;

// What most people would write first, to measure beside: one process, no history, no acks, nothing durable.
var builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
switch (args[0])
{
    case "sendasync":
        var plain = builder.Build();
        plain.UseWebSockets();
        plain.Map("/", new PlainRooms().ServeAsync);
        await plain.RunAsync();
        break;
    case "signalr":
        builder.Services.AddSignalR();
        var hub = builder.Build();
        hub.MapHub<RoomHub>("/hub");
        await hub.RunAsync();
        break;
    default:
        throw new ArgumentException($"There is no baseline {args[0]}.");
}
