using System.Net;
using System.Net.Sockets;

namespace ClusterChat.Shared.Tests.Cluster.Links;

/// <summary>Somebody on the way who passes everything on, and keeps what went to the target.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryStream _seen = new();
    private readonly Task _running;

    public Relay(IPEndPoint target)
    {
        _listener.Start();
        _running = RunAsync(target);
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    public byte[] Seen
    {
        get
        {
            lock (_seen)
                return _seen.ToArray();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(IPEndPoint target)
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                var from = await _listener.AcceptTcpClientAsync(_stop.Token);
                var to = new TcpClient();
                await to.ConnectAsync(target, _stop.Token);
                passing.Add(PassAsync(from, to, keep: true));
                passing.Add(PassAsync(to, from, keep: false));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(passing);
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to, bool keep)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0)
            {
                if (keep)
                {
                    lock (_seen)
                        _seen.Write(buffer, 0, read);
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // One side has ended.
        }

        from.Dispose();
        to.Dispose();
    }
}
