using System.IO.Pipelines;
using System.Threading.Channels;

namespace ClusterChat.Gateway.Tests.WebSockets;

/// <summary>The plumbing of a stream for tests: asynchronous calls only.</summary>
internal abstract class AsyncStream : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public abstract override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>Reads from one stream and writes to another; keeps what it read, and the sizes that were asked for.</summary>
internal sealed class DuplexStream(Stream read, Stream write) : AsyncStream
{
    private readonly Lock _gate = new();
    private readonly List<byte> _seen = [];
    private readonly Channel<int> _asked = Channel.CreateUnbounded<int>();

    public byte[] Seen
    {
        get
        {
            lock (_gate)
            {
                return [.. _seen];
            }
        }
    }

    /// <summary>The sizes that reads asked for, each as soon as it was.</summary>
    public ChannelReader<int> Asked => _asked.Reader;

    /// <summary>Two ends; a write waits once the other side has 1 KiB unread.</summary>
    public static (DuplexStream Server, DuplexStream Client, Pipe ToServer) Pair()
    {
        var options = new PipeOptions(pauseWriterThreshold: 1024, resumeWriterThreshold: 512, useSynchronizationContext: false);
        var toServer = new Pipe(options);
        var toClient = new Pipe(options);
        return (
            new DuplexStream(toServer.Reader.AsStream(), toClient.Writer.AsStream()),
            new DuplexStream(toClient.Reader.AsStream(), toServer.Writer.AsStream()),
            toServer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _asked.Writer.TryWrite(buffer.Length);
        var count = await read.ReadAsync(buffer, cancellationToken);
        lock (_gate)
        {
            _seen.AddRange(buffer.Span[..count]);
        }

        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        => write.WriteAsync(buffer, cancellationToken);

    public void CompleteWriting() => write.Dispose();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            read.Dispose();
            write.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>Takes writes, each of which completes only when it is let go.</summary>
internal sealed class GatedStream : AsyncStream
{
    private readonly Lock _gate = new();
    private readonly List<byte[]> _writes = [];
    private readonly Queue<TaskCompletionSource> _pending = [];
    private bool _open = true;

    public byte[] Written
    {
        get
        {
            lock (_gate)
            {
                return [.. _writes.SelectMany(w => w)];
            }
        }
    }

    public int Writes
    {
        get
        {
            lock (_gate)
            {
                return _writes.Count;
            }
        }
    }

    public int MostAtOnce { get; private set; }

    public void Shut() => _open = false;

    /// <summary>Lets the oldest pending write complete.</summary>
    public void LetGo(Exception? error = null)
    {
        TaskCompletionSource next;
        lock (_gate)
        {
            next = _pending.Dequeue();
        }

        if (error is null)
        {
            next.SetResult();
        }
        else
        {
            next.SetException(error);
        }
    }

    public void Open()
    {
        _open = true;
        while (true)
        {
            lock (_gate)
            {
                if (_pending.Count == 0)
                {
                    return;
                }
            }

            LetGo();
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _writes.Add(buffer.ToArray());
            if (_open)
            {
                return ValueTask.CompletedTask;
            }

            // Continues where it is let go, so that tests need not wait for other threads.
            var pending = new TaskCompletionSource();
            _pending.Enqueue(pending);
            MostAtOnce = Math.Max(MostAtOnce, _pending.Count);
            return new ValueTask(pending.Task);
        }
    }
}
