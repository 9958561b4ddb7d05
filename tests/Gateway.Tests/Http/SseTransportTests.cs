using System.Text;
using ClusterChat.Gateway.Http;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Tests.Http;

/// <summary>Writes of a stream of events, and the end of its request.</summary>
public sealed class SseTransportTests : IDisposable
{
    private readonly HeldStream _body = new();
    private readonly SseTransport _transport;

    public SseTransportTests() => _transport = new SseTransport(new DefaultHttpContext { Response = { Body = _body } });

    public void Dispose() => _body.Dispose();

    [Fact]
    public async Task A_request_does_not_end_in_the_middle_of_a_write()
    {
        var write = _transport.SendAsync(["data: 1\n\n"u8.ToArray()]).AsTask();

        var end = _transport.EndAsync();

        end.IsCompleted.ShouldBeFalse();
        _body.Go.SetResult();
        await write;
        await end;
        Encoding.UTF8.GetString(_body.ToArray()).ShouldBe("data: 1\n\n");
    }

    [Fact]
    public async Task Nothing_is_written_behind_the_end_of_the_request()
    {
        _body.Go.SetResult();
        await _transport.EndAsync();

        await Should.ThrowAsync<IOException>(async () => await _transport.PingAsync(1));

        _body.Length.ShouldBe(0);
    }

    private sealed class HeldStream : MemoryStream
    {
        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Go.Task;
            await base.WriteAsync(buffer, cancellationToken);
        }
    }
}
