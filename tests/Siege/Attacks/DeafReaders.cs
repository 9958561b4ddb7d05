using System.Globalization;
using System.Net.Sockets;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>Connections that ask for pages of large messages and read nothing. At the end they listen once: is anybody still there?</summary>
/// <param name="name">For the command line.</param>
/// <param name="connections">How many.</param>
/// <param name="pages">For how many pages each asks.</param>
internal sealed class DeafReaders(string name, int connections, int pages) : Attack
{
    private const int ReceiveBuffer = 4096;

    // All together. This is not about reads that are too many: a page is to be had for everybody who asks.
    private const double PagesPerSecond = 60;

    private static readonly TimeSpan LastListen = TimeSpan.FromSeconds(10);

    public override string Name => name;

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"{connections} connections that ask for {pages} pages of 256 KiB and read nothing");

    public override Task PrepareAsync(AttackField field, CancellationToken stop) => Archive.FillAsync(field, stop);

    public override async Task RunAsync(AttackField field, CancellationToken stop)
    {
        var intruders = (await Task.WhenAll(Enumerable.Range(0, field.Of(connections)).Select(i => AskAsync(field, i, stop)))).OfType<Intruder>().ToList();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var alive = await Task.WhenAll(intruders.Select(ListenAsync));
        field.Note($"{alive.Count(a => a)} of {field.Of(connections)} were still there at the end");
    }

    private async Task<Intruder?> AskAsync(AttackField field, int number, CancellationToken stop)
    {
        Intruder? intruder = null;
        try
        {
            intruder = await Intruder.EnterAsync(
                field, Addresses.Attacker, string.Create(CultureInfo.InvariantCulture, $"deaf-{number}"), stop, receiveBuffer: ReceiveBuffer);
            if (intruder is null)
                return null;
            await intruder.Wire.SendAsync(Bytes.Text($$"""{"id":2,"t":"join","room":"{{Archive.Room}}","limit":0}"""), stop);
            for (var i = 0; i < pages; i++)
            {
                var request = string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{10 + i}},"t":"history","room":"{{Archive.Room}}","before":201,"limit":200}""");
                await intruder.Wire.SendAsync(Bytes.Text(request), stop);
                await Task.Delay(TimeSpan.FromSeconds(field.Of(connections) / PagesPerSecond), TimeProvider.System, stop);
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // It listens at the end, and hears then what became of it.
        }

        return intruder;
    }

    /// <returns>Whether the connection was still alive: then all of its pages come now.</returns>
    private static async Task<bool> ListenAsync(Intruder intruder)
    {
        using var limit = new CancellationTokenSource(LastListen, TimeProvider.System);
        using (intruder)
        {
            try
            {
                await intruder.ListenAsync(limit.Token);
                return false;
            }
            catch (OperationCanceledException)
            {
                return true;
            }
        }
    }
}
