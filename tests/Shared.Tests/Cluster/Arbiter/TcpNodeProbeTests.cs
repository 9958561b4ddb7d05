using System.Net;
using System.Net.Sockets;
using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.Shared.Tests.Cluster.Arbiter;

public sealed class TcpNodeProbeTests
{
    private readonly TcpNodeProbe _probe = new(TimeProvider.System, TimeSpan.FromSeconds(5));

    [Fact]
    public async Task Only_an_address_at_which_nobody_listens_refuses()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

        (await _probe.DialAsync(address, default)).ShouldBe(ProbeResult.Connected);
        listener.Stop();
        (await _probe.DialAsync(address, default)).ShouldBe(ProbeResult.Refused);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData(":80")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:70000")]
    [InlineData("host.invalid:80")]
    public async Task What_cannot_be_dialled_proves_nothing(string address) =>
        (await _probe.DialAsync(address, default)).ShouldBe(ProbeResult.Silent);

    [Fact]
    public async Task It_gives_up_when_it_is_told_to() =>
        await Should.ThrowAsync<OperationCanceledException>(_probe.DialAsync("127.0.0.1:1", new CancellationToken(canceled: true)));
}
