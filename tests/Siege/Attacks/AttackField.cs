using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>The node, as an attack sees it, and what came of it.</summary>
/// <param name="node">Where it is.</param>
/// <param name="scale">The part of the full size, above 0 to 1.</param>
/// <param name="tokens">Makes tokens; null where guests are welcome.</param>
internal sealed class AttackField(IPEndPoint node, double scale, Tokens? tokens)
{
    /// <summary>Who connects at the same moment, at most: the web server's backlog is 512.</summary>
    private const int AtOnce = 128;

    /// <summary>Whoever was thrown out comes back after so long, give or take a half. It is not about the cost of accepting.</summary>
    private static readonly TimeSpan ComeBackAfter = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _door = new(AtOnce);

    /// <summary>Where the node is.</summary>
    public IPEndPoint Node => node;

    /// <summary>Makes tokens; null where guests are welcome.</summary>
    public Tokens? Tokens => tokens;

    /// <summary>What the attacker heard.</summary>
    public Tally Heard { get; } = new();

    /// <summary>What else is to be known, in words.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>What should not have been.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>A number of the full size, at this one.</summary>
    public int Of(int count) => Math.Max(1, (int)(count * scale));

    /// <summary>Connects. Null where it cannot; that is counted.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<Wire?> TryOpenAsync(IPAddress from, CancellationToken stop, int receiveBuffer = 0)
    {
        await _door.WaitAsync(stop);
        try
        {
            return await Wire.OpenAsync(node, from, receiveBuffer, stop);
        }
        catch (SocketException error)
        {
            Heard.Add("no connection: " + error.SocketErrorCode);
            return null;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            Heard.Add("no connection: no answer");
            return null;
        }
        finally
        {
            _door.Release();
        }
    }

    /// <summary>So many do something, each again and again, until all are stopped.</summary>
    /// <param name="count">How many.</param>
    /// <param name="live">What each does, by its number, until it is thrown out.</param>
    /// <param name="stop">Stops them.</param>
    public static Task ManyAsync(int count, Func<int, CancellationToken, Task> live, CancellationToken stop)
    {
        return Task.WhenAll(Enumerable.Range(0, count).Select(AgainAsync));

        async Task AgainAsync(int number)
        {
            var random = new Random(number);
            try
            {
                while (true)
                {
                    await live(number, stop);
                    await Task.Delay(ComeBackAfter * (0.5 + random.NextDouble()), TimeProvider.System, stop);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
        }
    }

    /// <summary>Sends something, and then only listens until it is over.</summary>
    public async Task SendAndListenAsync(IPAddress from, byte[] bytes, CancellationToken stop)
    {
        using var wire = await TryOpenAsync(from, stop);
        if (wire is null)
            return;
        var ear = new AttackEar(Heard);
        try
        {
            await wire.SendAsync(bytes, stop);
        }
        catch (SocketException)
        {
            // What it has heard before tells more.
        }

        ear.Ended(await wire.HearAsync(ear, null, stop));
    }

    /// <summary>An address and numbers in words.</summary>
    public void Note(FormattableString text) => Notes.Add(text.ToString(CultureInfo.InvariantCulture));
}
