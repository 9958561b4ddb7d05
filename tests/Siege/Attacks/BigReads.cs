using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>Anonymous reads of the largest pages, many under way.</summary>
internal sealed class BigReads : Attack
{
    private const int UnderWay = 1500;

    // Whoever is refused asks again a second later; at once, it would be the price of a connection that is measured.
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromSeconds(1);
    private static readonly byte[] Request = Bytes.Get($"/api/rooms/{Archive.Room}/messages?limit=200", "Connection: close\r\n");

    public override string Name => "big-reads";

    public override string Title => "1,500 anonymous GETs under way of pages of large messages";

    public override Task PrepareAsync(AttackField field, CancellationToken stop) => Archive.FillAsync(field, stop);

    public override async Task RunAsync(AttackField field, CancellationToken stop)
        => await Task.WhenAll(Enumerable.Range(0, field.Of(UnderWay)).Select(_ => ReadAsync(field, stop)))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static async Task ReadAsync(AttackField field, CancellationToken stop)
    {
        while (true)
        {
            using var wire = await field.TryOpenAsync(Addresses.Attacker, stop);
            var ear = new AttackEar(field.Heard);
            if (wire is not null)
            {
                wire.Post(Request);
                ear.Ended(await wire.HearAsync(ear, null, stop));
            }

            if (ear.Status != 200)
                await Task.Delay(PauseAfterRefusal, TimeProvider.System, stop);
        }
    }
}
