using System.Diagnostics;
using System.Globalization;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>Anonymous looks at rooms that are not there, and what they do to the list of those that are.</summary>
internal sealed class RoomsByGet : Attack
{
    private const int Looks = 30_000, AtOnce = 64, Lists = 20;
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMilliseconds(500);
    private static readonly byte[] List = Bytes.Get("/api/rooms?limit=50", "Connection: close\r\n");

    private double _before;
    private int _looks;

    public override string Name => "rooms-by-get";

    public override string Title => "30,000 anonymous GETs of messages of random rooms";

    public override async Task PrepareAsync(AttackField field, CancellationToken stop) => _before = await TimeOfListAsync(field, stop);

    public override async Task RunAsync(AttackField field, CancellationToken stop)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => LookAsync(field, stop)));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            field.Note($"only {Volatile.Read(ref _looks):N0} were answered");
        }

        field.Note($"a list of rooms: {_before:F1} ms before, {await TimeOfListAsync(field, CancellationToken.None):F1} ms after");
    }

    // Whoever is refused asks again: all of the looks are to be answered.
    private async Task LookAsync(AttackField field, CancellationToken stop)
    {
        while (Interlocked.Increment(ref _looks) <= field.Of(Looks))
        {
            var request = Bytes.Get(string.Create(CultureInfo.InvariantCulture, $"/api/rooms/r-{Guid.NewGuid():N}/messages"), "Connection: close\r\n");
            if (await AskAsync(field, request, stop) != 200)
            {
                Interlocked.Decrement(ref _looks);
                await Task.Delay(PauseAfterRefusal, TimeProvider.System, stop);
            }
        }
    }

    private static async Task<int> AskAsync(AttackField field, byte[] request, CancellationToken stop)
    {
        using var wire = await field.TryOpenAsync(Addresses.Attacker, stop);
        if (wire is null)
            return 0;
        var ear = new AttackEar(field.Heard);
        wire.Post(request);
        ear.Ended(await wire.HearAsync(ear, null, stop));
        return ear.Status;
    }

    private static async Task<double> TimeOfListAsync(AttackField field, CancellationToken stop)
    {
        var times = new List<double>();
        for (var i = 0; i < Lists; i++)
        {
            var begin = Stopwatch.GetTimestamp();
            using var wire = await field.TryOpenAsync(Addresses.Observer, stop);
            if (wire is null)
                continue;
            wire.Post(List);
            await wire.HearAsync(new AttackEar(new Tally()), null, stop);
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }

        return times.Count == 0 ? double.NaN : times.Order().ElementAt(times.Count / 2);
    }
}
