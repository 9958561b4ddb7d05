using System.Diagnostics.Metrics;
using System.Net;
using ClusterChat.Diagnostics;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Limits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Sockets;

/// <summary>
/// What the sockets of clients may take of a process: how many there are, of whom, and what is held of what they began to send. A node whose last
/// descriptor is taken cannot load a library or open its journal any more, and dies of it; so clients get what the rest does not need.
/// </summary>
public sealed class ClientSockets : IDisposable
{
    // For files and links that are opened later: libraries, readers of the journal, other nodes, the log.
    private const int Reserve = 128;

    // So that those who are one too many hear it from the web server, instead of waiting before its door.
    private const int ForAnswers = 64;

    // Probes, a scraper or two, and people: each asks, hears and leaves.
    private const int ForOperators = 64;

    // What a connection of which a request of usual size has come and was answered adds to the process: 11.8 KB, measured with 6,000. One that has said nothing: 1.4 KB.
    private const int BytesPerWaiting = 12 * 1024;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly ITimer _sweep;

    /// <summary>Those of clients.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="proxies">The networks of proxies: one's sockets are those of many clients.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="meters">Where it shows what it counts; null: nowhere.</param>
    public ClientSockets(GatewayOptions options, IEnumerable<IPNetwork> proxies, TimeProvider clock, IMeterFactory? meters = null)
        : this(
            new SocketLimits
            {
                Most = Most,
                MostWaiting = options.WaitingSockets switch { null => (int)Math.Min(int.MaxValue, MemoryShare(4) / BytesPerWaiting), 0 => int.MaxValue, { } most => most },

                // Of whatever there is, nobody takes all.
                PerAddress = options.SocketsPerAddress == 0 ? 0 : Math.Min(options.SocketsPerAddress, Most / 4 * 3),
                Proxies = [.. proxies],
                Silence = options.InputTimeout,
                SendBuffer = options.SendBufferBytes,
            },
            new UnfinishedInput(options.InputBytes ?? MemoryShare(8), options.InputTimeout, options.InputBytesPerSecond, clock),
            clock)
        => SocketMetrics.Show(meters, this);

    internal ClientSockets(SocketLimits limits, UnfinishedInput input, TimeProvider clock)
    {
        Clock = clock;
        Table = new SocketTable(limits, clock);
        Input = input;
        _sweep = clock.CreateTimer(static sockets => ((ClientSockets)sockets!).Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>Sockets of all kinds, at most.</summary>
    public static int Most { get; } = OpenFiles.Limit is { } limit && OpenFiles.Count is { } open
        ? Math.Max(2 * ForAnswers, limit - open - Reserve - ForOperators)
        : int.MaxValue;

    /// <summary>WebSockets and streams of events, at most.</summary>
    public static int MostConnections => Most - ForAnswers;

    /// <summary>Whether no other client can come in, and none of those that are there is to go for it.</summary>
    public bool IsFull => Table.IsTaken;

    internal TimeProvider Clock { get; }

    internal SocketTable Table { get; }

    internal UnfinishedInput Input { get; }

    /// <summary>Those of a port for operators: a few, of which those that say nothing go first.</summary>
    public static ClientSockets OfOperators(TimeProvider clock)
    {
        var options = new GatewayOptions();
        return new ClientSockets(
            new SocketLimits { Most = ForOperators, Silence = options.InputTimeout },
            new UnfinishedInput(ForOperators * 32L * 1024, options.InputTimeout, options.InputBytesPerSecond, clock),
            clock);
    }

    /// <summary>Lets the web server tell of the requests that have come in whole. Before everything that answers.</summary>
    public static void Use(IApplicationBuilder app) => app.Use(static next => context
        => context.Features.Get<SocketConnection>() is { } connection ? AnswerAsync(connection, next, context) : next(context));

    /// <inheritdoc/>
    public void Dispose() => _sweep.Dispose();

    internal void Sweep()
    {
        Table.Sweep();
        Input.Sweep();
    }

    private static async Task AnswerAsync(SocketConnection connection, RequestDelegate next, HttpContext context)
    {
        connection.BeginAnswer();
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (connection.IsOver)
        {
            // It was given up while it was answered, which is no error of whoever answered.
        }
        finally
        {
            connection.EndAnswer();
        }
    }

    /// <summary>A part of the memory that the process may have: of its container, or of the machine.</summary>
    private static long MemoryShare(int divisor) => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / divisor;
}
