using System.Text;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>Requests whose bodies stop shortly before their end.</summary>
internal sealed class UnfinishedPosts : Attack
{
    private const int Sockets = 13_500, Length = 65_500, Sent = 65_000;

    public override string Name => "unfinished-posts";

    public override string Title => "13,500 POSTs that stop after 65,000 of 65,500 bytes";

    public override Task RunAsync(AttackField field, CancellationToken stop)
    {
        var head = Encoding.ASCII.GetBytes(
            $"POST /api/rooms/lobby/messages HTTP/1.1\r\nHost: siege\r\nX-Guest-Name: eve\r\nContent-Type: application/json\r\nContent-Length: {Length}\r\n\r\n");
        var request = new byte[head.Length + Sent];
        Array.Fill(request, (byte)' ');
        head.CopyTo(request, 0);
        return AttackField.ManyAsync(field.Of(Sockets), (_, s) => field.SendAndListenAsync(Addresses.Attacker, request, s), stop);
    }
}
