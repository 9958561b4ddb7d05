using System.Globalization;
using System.Net.Sockets;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>WebSockets that begin a long frame and stop in the middle.</summary>
internal sealed class HalfFrames : Attack
{
    private const int Sockets = 10_000, Length = 65_000, Sent = 64_000;

    public override string Name => "half-frames";

    public override string Title => "10,000 WebSockets with 64,000 bytes of a frame of 65,000";

    public override Task RunAsync(AttackField field, CancellationToken stop)
    {
        var half = Bytes.HalfText(Length, Sent);
        return AttackField.ManyAsync(field.Of(Sockets), LiveAsync, stop);

        async Task LiveAsync(int number, CancellationToken end)
        {
            using var intruder = await Intruder.EnterAsync(field, Addresses.Attacker, string.Create(CultureInfo.InvariantCulture, $"eve-{number}"), end);
            if (intruder is null)
                return;
            try
            {
                await intruder.Wire.SendAsync(half, end);
            }
            catch (SocketException)
            {
                // What it hears tells more.
            }

            await intruder.ListenAsync(end);
        }
    }
}
