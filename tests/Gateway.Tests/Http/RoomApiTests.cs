using System.Net;
using System.Text;
using ClusterChat.Gateway.Http;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Tests.Http;

/// <summary>The HTTP API where the rooms do not answer.</summary>
public sealed class RoomApiTests : IDisposable
{
    private readonly ConnectionWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_list_that_cannot_be_read_is_unavailable()
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        using var body = new MemoryStream();
        context.Response.Body = body;

        await new RoomApi(_world.Services, new RequestCredentials([])).ListRoomsAsync(context);
        await context.Response.BodyWriter.FlushAsync();

        context.Response.StatusCode.ShouldBe(503);
        Encoding.UTF8.GetString(body.ToArray()).ShouldContain("\"unavailable\"");
    }
}
