using ClusterChat.Gateway.Connections;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Http;

/// <summary>
/// Server-Sent Events as a wire: what is appended are whole events. As the client never speaks, the success of a
/// write is its sign of life.
/// </summary>
internal sealed class SseTransport(HttpContext context) : IClientTransport
{
    // What the web server's buffers hold at most of a client that does not read, and the least that shows that it does: on a line of 0.5 KB/s half a minute.
    private const int FlushBytes = 16 * 1024;

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private TaskCompletionSource? _written;
    private bool _isWriting;
    private bool _isOver;
    private long _taken;

    /// <summary>Called after each write.</summary>
    public Action? Written { get; set; }

    /// <inheritdoc/>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>Completes when the stream is to end.</summary>
    public Task Closed => _closed.Task;

    public async ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        Begin();
        try
        {
            await WriteAsync(lines);
        }
        finally
        {
            End();
        }
    }

    public ValueTask PingAsync(int number) => SendAsync([": ping\n\n"u8.ToArray()]);

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

    /// <summary>
    /// Lets nothing be written any more, and completes when nothing is being written: with the request the web server takes the buffers back, also
    /// those of a write that a connection's end has just broken off.
    /// </summary>
    public Task EndAsync()
    {
        lock (_gate)
        {
            _isOver = true;
            return _isWriting ? (_written ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    // One at a time: the outbox is alone in writing.
    private void Begin()
    {
        lock (_gate)
        {
            _isWriting = _isOver ? throw new IOException("The stream is over.") : true;
        }
    }

    private void End()
    {
        lock (_gate)
        {
            _isWriting = false;
            _written?.TrySetResult();
        }
    }

    private async ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        // What is not flushed counts where it meets the socket: the web server holds it, not this.
        var body = context.Response.BodyWriter;
        var unflushed = 0;
        foreach (var line in lines)
        {
            for (var rest = line; !rest.IsEmpty;)
            {
                var part = rest[..Math.Min(rest.Length, FlushBytes - unflushed)];

                // With its length: a response that was cut has no place for anything whose length it does not know.
                part.Span.CopyTo(body.GetSpan(part.Length));
                body.Advance(part.Length);
                rest = rest[part.Length..];
                unflushed += part.Length;
                if (unflushed == FlushBytes)
                {
                    await FlushAsync();
                    unflushed = 0;
                }
            }
        }

        if (unflushed > 0)
        {
            await FlushAsync();
        }
    }

    private async ValueTask FlushAsync()
    {
        var result = await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new IOException("The client is gone.");
        }

        Volatile.Write(ref _taken, _taken + 1);
        Written?.Invoke();
    }
}
