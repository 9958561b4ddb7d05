namespace ClusterChat.Shared.Tests.Cluster.Links;

/// <summary>Stops a node from reading, as if it was frozen, and counts the connections that it accepts.</summary>
internal sealed class Gate
{
    private readonly SemaphoreSlim _accepted = new(0);
    private TaskCompletionSource _open = Opened();

    public void Freeze() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Thaw() => _open.TrySetResult();

    /// <summary>Waits for so many more connections.</summary>
    public async Task AcceptedAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            (await _accepted.WaitAsync(LinkNode.Guard)).ShouldBeTrue();
        }
    }

    public ValueTask<Stream> Upgrade(Stream stream, bool server, CancellationToken cancellationToken)
    {
        if (!server)
            return ValueTask.FromResult(stream);
        _accepted.Release();
        return ValueTask.FromResult<Stream>(new GatedStream(stream, this));
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private sealed class GatedStream(Stream inner, Gate gate) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await gate._open.Task.WaitAsync(cancellationToken);
            var count = await inner.ReadAsync(buffer, cancellationToken);
            await gate._open.Task.WaitAsync(cancellationToken);
            return count;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
