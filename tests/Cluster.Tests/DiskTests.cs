using System.Diagnostics;
using System.Net;
using System.Text;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>A node whose data is on a small file system of its own, which the test fills.</summary>
[Trait("Needs", "mounts")]
public sealed class DiskTests : IAsyncLifetime
{
    private const int DiskMiB = 96;
    private const int MinFreeMiB = 32;
    private readonly DataFolder _data = new();

    public Task InitializeAsync() => RunAsync("mount", "-t", "tmpfs", "-o", $"size={DiskMiB}m", "tmpfs", _data.Path);

    public async Task DisposeAsync()
    {
        await RunAsync("umount", "--lazy", _data.Path);
        _data.Dispose();
    }

    [Fact]
    public async Task Before_the_disk_is_full_messages_are_refused_with_a_reason_and_later_taken_again()
    {
        await using var node = await NodeProcess.StartAsync(
            NodeOptions.Unlimited(_data.Path).With("Journal:MinFreeBytes", $"{MinFreeMiB << 20}").With("Management", "http://127.0.0.1:0"));
        using var http = RoomHttp.Client(node.Port);
        using var management = RoomHttp.Client(node.Management!);
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        await ann.JoinAsync("lobby");
        await ann.SendAckedAsync("lobby", "m1", "before");

        var ballast = Path.Combine(_data.Path, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[(DiskMiB - MinFreeMiB) << 20]);
        await node.WaitForLineAsync("No messages are taken");
        var refused = await ann.SendAsync("lobby", "m2", "meanwhile");
        refused.GetProperty("code").GetString().ShouldBe("unavailable");
        refused.GetProperty("temporary").GetBoolean().ShouldBeTrue();
        refused.GetProperty("retryMs").GetInt32().ShouldBeGreaterThanOrEqualTo(1000);
        refused.GetProperty("message").GetString()!.ShouldContain("no space");

        using var body = new StringContent("""{"text":"meanwhile"}""", Encoding.UTF8, "application/json");
        using var post = new HttpRequestMessage(HttpMethod.Post, new Uri("api/rooms/lobby/messages", UriKind.Relative)) { Content = body };
        post.Headers.Add("X-Guest-Name", "bob");
        using var answer = await http.SendAsync(post);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter.ShouldNotBeNull();

        using var ready = await management.GetAsync(new Uri("healthz/ready", UriKind.Relative));
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ready.Content.ReadAsStringAsync()).ShouldContain("no space");
        (await management.GetStringAsync(new Uri("metrics", UriKind.Relative))).ShouldContain("clusterchat_journal_full 1");
        (await http.ReadHistoryAsync("lobby")).Count.ShouldBe(1, "all can be read");

        File.Delete(ballast);
        await node.WaitForLineAsync("Messages are taken again");
        (await ann.SendAckedAsync("lobby", "m2", "after")).GetProperty("seq").GetInt64().ShouldBe(2);
        using var again = await management.GetAsync(new Uri("healthz/ready", UriKind.Relative));
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
        node.Errors.ShouldHaveSingleItem();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().Within(program);
        process.ExitCode.ShouldBe(0, error);
    }
}
