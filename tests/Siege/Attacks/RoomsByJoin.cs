using System.Globalization;
using System.Net.Sockets;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>Connections that join as many new rooms as one may be in, and ask again for those that they were refused.</summary>
internal sealed class RoomsByJoin : Attack
{
    private const int Sockets = 514, Rooms = 256, FirstId = 2;
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(5);

    public override string Name => "rooms-by-join";

    public override string Title => "514 sockets that join 256 new rooms each";

    public override async Task RunAsync(AttackField field, CancellationToken stop)
    {
        await AttackField.ManyAsync(field.Of(Sockets), LiveAsync, stop);
        field.Note($"{field.Heard.Of("joined"):N0} joins of new rooms");

        async Task LiveAsync(int number, CancellationToken end)
        {
            var toAsk = new HashSet<long>(Enumerable.Range(FirstId, Rooms).Select(id => (long)id));
            using var intruder = await Intruder.EnterAsync(field, Addresses.Attacker, string.Create(CultureInfo.InvariantCulture, $"eve-{number}"), end, (type, id) =>
            {
                if (type != "error" || id < FirstId)
                    return;
                lock (toAsk)
                    toAsk.Add(id);
            });
            if (intruder is null)
                return;
            var mark = Guid.NewGuid().ToString("N")[..8];
            var listening = intruder.ListenAsync(end);
            while (!listening.IsCompleted)
            {
                await AskAsync(intruder, mark, toAsk, end);
                await Task.WhenAny(listening, Task.Delay(AskAgainAfter, TimeProvider.System, end));
                end.ThrowIfCancellationRequested();
            }
        }
    }

    private static async Task AskAsync(Intruder intruder, string mark, HashSet<long> toAsk, CancellationToken stop)
    {
        string lines;
        lock (toAsk)
        {
            if (toAsk.Count == 0)
                return;
            lines = string.Join('\n', toAsk.Order().Select(id => string.Create(
                CultureInfo.InvariantCulture, $$"""{"id":{{id}},"t":"join","room":"{{mark}}-{{id}}"}""")));
            toAsk.Clear();
        }

        try
        {
            await intruder.Wire.SendAsync(Bytes.Text(lines), stop);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The listener hears why.
        }
    }
}
