using System.Diagnostics;
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

    // One connection after the other, each for all of its pages at once, with as many events as a page has room for: this is not about reads that are
    // too many or too dear.
    private const double PagesPerSecond = 120;
    private const int EventsOfPage = 8;

    // A phone in a tunnel is waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40), LastListen = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(10);

    public override string Name => name;

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"{connections} connections that ask for {pages} pages of 256 KiB and read nothing");

    public override Task PrepareAsync(AttackField field, CancellationToken stop) => Archive.FillAsync(field, stop);

    public override async Task RunAsync(AttackField field, CancellationToken stop)
    {
        var request = Bytes.Text(string.Join('\n', Enumerable.Range(0, pages).Select(i => string.Create(
            CultureInfo.InvariantCulture, $$"""{"id":{{10 + i}},"t":"history","room":"{{Archive.Room}}","before":201,"limit":{{EventsOfPage}}}"""))));
        var entering = Enumerable.Range(0, field.Of(connections)).Select(i => EnterAsync(field, i, request, stop));
        var intruders = (await Task.WhenAll(entering)).OfType<Intruder>().ToList();
        var asked = Stopwatch.GetTimestamp();
        await LiveAsync(intruders, stop);
        var deafFor = Stopwatch.GetElapsedTime(asked);
        var alive = (await Task.WhenAll(intruders.Select(ListenAsync))).Count(a => a);
        field.Note($"{alive} of {field.Of(connections)} were still there after {deafFor.TotalSeconds:F0} s");
        if (alive > 0 && deafFor > Patience)
            field.Broken.Add("who reads nothing was still there");
    }

    // Who reads no ping answers none; but whatever it sends is a sign of life.
    private static async Task LiveAsync(List<Intruder> intruders, CancellationToken stop)
    {
        var sign = Bytes.Pong([]);
        using var timer = new PeriodicTimer(SignOfLife, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
                intruders.ForEach(i => i.Wire.Post(sign));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task<Intruder?> EnterAsync(AttackField field, int number, byte[] request, CancellationToken stop)
    {
        Intruder? intruder = null;
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(number * pages / PagesPerSecond), TimeProvider.System, stop);
            intruder = await Intruder.EnterAsync(
                field, Addresses.Attacker, string.Create(CultureInfo.InvariantCulture, $"deaf-{number}"), stop, receiveBuffer: ReceiveBuffer);
            if (intruder is null)
                return null;
            await intruder.Wire.SendAsync(Bytes.Text($$"""{"id":2,"t":"join","room":"{{Archive.Room}}","limit":0}"""), stop);
            await intruder.Wire.SendAsync(request, stop);
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
