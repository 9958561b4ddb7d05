using System.Globalization;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>More users than a gateway keeps shares of, and then those who come after them.</summary>
/// <remarks>
/// 50,000 at once would take as many descriptors. They come one after the other instead, and an option lets the gateway remember each
/// for long enough: a share is kept until the burst of its sends would be full again.
/// </remarks>
internal sealed class ManyUsers : Attack
{
    private const int Before = 50_000, After = 1000, AtOnce = 64;

    public override string Name => "many-users";

    public override string Title => "1,000 users after 50,000 others, as if all were there at once";

    public override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Limits:SendBurstPerUser"] = "36000",
    };

    public override async Task PrepareAsync(AttackField field, CancellationToken stop)
    {
        var number = 0;
        var silent = new AttackField(field.Node, 1, field.Tokens);
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (Interlocked.Increment(ref number) is var next && next <= field.Of(Before))
                (await Intruder.EnterAsync(silent, Addresses.OfAttackers(next), "passer-by", stop))?.Dispose();
        }));
        field.Note($"{silent.Heard.Of("welcome"):N0} came and went before");
    }

    public override async Task RunAsync(AttackField field, CancellationToken stop)
    {
        await AttackField.ManyAsync(field.Of(After), LiveAsync, stop);
        if (field.Heard.All.Any(h => h.What.StartsWith("3504", StringComparison.Ordinal)))
            field.Broken.Add("strangers shared one user's limit of connections");

        async Task LiveAsync(int number, CancellationToken end)
        {
            using var user = await Intruder.EnterAsync(field, Addresses.OfAttackers(number), string.Create(CultureInfo.InvariantCulture, $"late-{number}"), end);
            if (user is not null)
                await user.ListenAsync(end);
        }
    }
}
