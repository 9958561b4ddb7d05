using System.Net;
using System.Net.Sockets;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>An attacker's WebSocket that has said hello. From then on it is up to the attack.</summary>
internal sealed class Intruder : IDisposable
{
    private static readonly byte[] Upgrade = Bytes.Upgrade();

    private Intruder(Wire wire, AttackEar ear) => (Wire, Ear) = (wire, ear);

    /// <summary>The connection.</summary>
    public Wire Wire { get; }

    /// <summary>What is heard on it.</summary>
    public AttackEar Ear { get; }

    /// <summary>Connects and says hello.</summary>
    /// <param name="field">Where.</param>
    /// <param name="from">From where.</param>
    /// <param name="name">Under which name.</param>
    /// <param name="stop">Gives up.</param>
    /// <param name="line">Called with the type and the id of each line.</param>
    /// <param name="receiveBuffer">The socket's receive buffer in bytes; 0 for the system's choice.</param>
    /// <returns>Null where it was not let in; what was heard is counted.</returns>
    public static async Task<Intruder?> EnterAsync(
        AttackField field, IPAddress from, string name, CancellationToken stop, Action<string, long>? line = null, int receiveBuffer = 0)
    {
        var wire = await field.TryOpenAsync(from, stop, receiveBuffer);
        if (wire is null)
            return null;
        var ear = new AttackEar(field.Heard) { Line = line, Pongs = wire };
        try
        {
            await wire.SendAsync(Upgrade, stop);
            var how = await wire.HearAsync(ear, () => ear.Status != 0, stop);
            if (how is null && ear.Status == (int)HttpStatusCode.SwitchingProtocols)
            {
                await wire.SendAsync(Bytes.Text($$"""{"id":1,"t":"hello","name":"{{name}}"}"""), stop);
                how = await wire.HearAsync(ear, () => ear.IsWelcome, stop);
                if (how is null)
                    return new Intruder(wire, ear);
            }

            ear.Ended(how);
        }
        catch (SocketException)
        {
            ear.Ended("cut");
        }
        catch
        {
            wire.Dispose();
            throw;
        }

        wire.Dispose();
        return null;
    }

    /// <summary>Listens until the connection is over; that is counted.</summary>
    public async Task ListenAsync(CancellationToken stop) => Ear.Ended(await Wire.HearAsync(Ear, null, stop));

    /// <inheritdoc/>
    public void Dispose() => Wire.Dispose();
}
