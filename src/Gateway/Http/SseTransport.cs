using ClusterChat.Gateway.Connections;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Http;

/// <summary>
/// Server-Sent Events as a wire: what is appended are whole events. As the client never speaks, the success of a
/// write is its sign of life.
/// </summary>
internal sealed class SseTransport(HttpContext context) : IClientTransport
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called after each write.</summary>
    public Action? Written { get; set; }

    /// <summary>Completes when the stream is to end.</summary>
    public Task Closed => _closed.Task;

    public async ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        var body = context.Response.BodyWriter;
        foreach (var line in lines)
        {
            line.Span.CopyTo(body.GetSpan(line.Length));
            body.Advance(line.Length);
        }

        await FlushAsync();
    }

    public async ValueTask PingAsync(int number)
    {
        var body = context.Response.BodyWriter;
        var comment = ": ping\n\n"u8;
        comment.CopyTo(body.GetSpan(comment.Length));
        body.Advance(comment.Length);
        await FlushAsync();
    }

    public ValueTask CloseAsync(ushort code, string reason)
    {
        _closed.TrySetResult();
        return ValueTask.CompletedTask;
    }

    public void Abort()
    {
        try
        {
            context.Abort();
        }
        catch (ObjectDisposedException)
        {
            // The request is over.
        }

        _closed.TrySetResult();
    }

    private async ValueTask FlushAsync()
    {
        var result = await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new IOException("The client is gone.");
        }

        Written?.Invoke();
    }
}
