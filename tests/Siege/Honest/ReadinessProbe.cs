using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Honest;

/// <summary>Asks <c>/healthz/ready</c> twice a second, as an orchestrator does: each time by a connection of its own.</summary>
internal sealed class ReadinessProbe(IPEndPoint node)
{
    private const string NotReady = "503";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly byte[] Request = Bytes.Get("/healthz/ready", "Connection: close\r\n");

    private readonly List<(long At, string Said)> _answers = [];

    /// <summary>What was said, by count.</summary>
    public Tally Said { get; } = new();

    /// <summary>Asks until the end.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var said = await AskAsync();
                Said.Add(said);
                _answers.Add((Stopwatch.GetTimestamp(), said));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>Whether the node said within that time that it takes nobody. To say nothing at all is not to say so.</summary>
    public bool SaidNotReady(long from, long to) => _answers.Exists(a => a.At >= from && a.At <= to && a.Said.StartsWith(NotReady, StringComparison.Ordinal));

    private async Task<string> AskAsync()
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            using var wire = await Wire.OpenAsync(node, Addresses.Observer, 0, limit.Token);
            var ear = new Answer();
            wire.Post(Request);
            await wire.HearAsync(ear, null, limit.Token);
            return ear.Text;
        }
        catch (SocketException error)
        {
            return "no connection: " + error.SocketErrorCode;
        }
        catch (OperationCanceledException)
        {
            return "no answer";
        }
    }

    private sealed class Answer : Ear
    {
        private string _reason = string.Empty;

        public string Text => Status == 0 ? "no answer" : Status + _reason;

        protected override void OnBody(ReadOnlySpan<byte> bytes)
        {
            // {"status":"not ready","reasons":["draining"]}
            var begin = bytes.IndexOf("[\""u8);
            if (begin >= 0 && bytes[begin..].IndexOf("\"]"u8) is > 0 and var length)
                _reason = " " + Encoding.UTF8.GetString(bytes.Slice(begin + 2, length - 2));
        }
    }
}
