using System.Globalization;
using System.Text;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>Headers that do not end, to a node that lets in nobody without a token.</summary>
internal sealed class UnfinishedHeaders : Attack
{
    private const int Sockets = 11_244, Headers = 31, HeaderBytes = 1024;

    public override string Name => "unfinished-headers";

    public override string Title => "11,244 requests with 31 KB of headers that do not end; tokens required, none shown";

    public override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Auth:Mode"] = "jwt",
        ["Auth:Jwt:Secret"] = "of this siege and of nothing else, 32 bytes and more",
    };

    public override Task RunAsync(AttackField field, CancellationToken stop)
    {
        var text = new StringBuilder("GET /ws HTTP/1.1\r\nHost: siege\r\n");
        for (var i = 0; i < Headers; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"X-{i}: ");
            text.Append(name).Append('a', HeaderBytes - name.Length - 2).Append("\r\n");
        }

        var request = Encoding.ASCII.GetBytes(text.ToString());
        return AttackField.ManyAsync(field.Of(Sockets), (_, s) => field.SendAndListenAsync(Addresses.Attacker, request, s), stop);
    }
}
