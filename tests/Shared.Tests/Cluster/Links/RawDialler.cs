using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Links.Tcp;

namespace ClusterChat.Shared.Tests.Cluster.Links;

/// <summary>Something that dials a node and does not keep to the rules.</summary>
internal sealed class RawDialler : IDisposable
{
    private readonly NetworkStream _stream;

    private RawDialler(NetworkStream stream) => _stream = stream;

    public static async Task<RawDialler> ConnectAsync(LinkNode node)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(node.Self.Address));
        return new RawDialler(new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>Connects and proves itself.</summary>
    /// <param name="node">Whom to dial.</param>
    /// <param name="self">As whom.</param>
    public static async Task<RawDialler> ProveAsync(LinkNode node, ClusterNode self)
    {
        var dialler = await ConnectAsync(node);
        var preamble = new Preamble(self, node.Options.ClusterName, new LinkKey(LinkNode.Secret));
        var stream = new PreambleStream(
            PipeReader.Create(dialler._stream, new StreamPipeReaderOptions(leaveOpen: true)),
            PipeWriter.Create(dialler._stream, new StreamPipeWriterOptions(leaveOpen: true)));
        await preamble.DialAsync(stream, node.Self, dialBack: false, CancellationToken.None);
        return dialler;
    }

    public ValueTask SendAsync(params byte[] bytes) => _stream.WriteAsync(bytes);

    /// <summary>Reads until the node closes the connection.</summary>
    /// <returns>What came before.</returns>
    public async Task<byte[]> ClosedAsync()
    {
        using var read = new MemoryStream();
        using var guard = new CancellationTokenSource(LinkNode.Guard, TimeProvider.System);
        try
        {
            await _stream.CopyToAsync(read, guard.Token);
        }
        catch (IOException)
        {
            // Closed with bytes of ours unread.
        }

        return read.ToArray();
    }

    public void Dispose() => _stream.Dispose();
}
