using System.Globalization;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>A room with a page of the largest messages there are: 200 of 32 KB each, 6.5 MB in all.</summary>
internal static class Archive
{
    /// <summary>Its name.</summary>
    public const string Room = "archive";

    // Each writer stays within the burst of one connection.
    private const int Writers = 4, Each = 50, TextBytes = 16_384, DataBytes = 16_000;

    /// <summary>Fills it.</summary>
    /// <exception cref="InvalidOperationException">The node would not have it.</exception>
    public static Task FillAsync(AttackField field, CancellationToken stop)
        => Task.WhenAll(Enumerable.Range(0, Writers).Select(i => WriteAsync(field, i, stop)));

    private static async Task WriteAsync(AttackField field, int writer, CancellationToken stop)
    {
        var (acked, refused) = (0, string.Empty);
        var own = new AttackField(field.Node, 1, field.Tokens);
        var name = string.Create(CultureInfo.InvariantCulture, $"writer-{writer}");
        using var client = await Intruder.EnterAsync(own, Addresses.OfCrowd(writer), name, stop, (type, _) =>
        {
            if (type == "ack")
                acked++;
            else if (type == "error")
                refused = own.Heard.ToString();
        });
        if (client is null)
            throw new InvalidOperationException($"The room of large messages cannot be filled: {own.Heard}");
        await client.Wire.SendAsync(Bytes.Text($$"""{"id":2,"t":"join","room":"{{Room}}","limit":0}"""), stop);
        for (var i = 0; i < Each; i++)
        {
            var text = new string('x', TextBytes);
            var data = new string('y', DataBytes);
            var line = string.Create(
                CultureInfo.InvariantCulture, $$$"""{"id":{{{10 + i}}},"t":"send","room":"{{{Room}}}","mid":"{{{name}}}-{{{i}}}","text":"{{{text}}}","data":{"d":"{{{data}}}"}}""");
            await client.Wire.SendAsync(Bytes.Text(line), stop);
        }

        var how = await client.Wire.HearAsync(client.Ear, () => acked == Each || refused.Length > 0, stop);
        if (acked < Each)
            throw new InvalidOperationException($"The room of large messages cannot be filled: {how} {refused}");
    }
}
