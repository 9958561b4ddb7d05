using System.Globalization;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>Counts what the node says to an attacker: statuses, kinds of lines, codes of errors, reasons of closes.</summary>
internal sealed class AttackEar(Tally heard) : Ear
{
    private bool _isClosed;

    /// <summary>Called with each line, if set.</summary>
    public Action<string, long>? Line { get; init; }

    /// <summary>Where pings are answered; null: nowhere.</summary>
    public Wire? Pongs { get; init; }

    /// <summary>Whether it was let in.</summary>
    public bool IsWelcome { get; private set; }

    /// <summary>The connection is over.</summary>
    /// <param name="how">How, where the node gave no reason; null where it is not.</param>
    public void Ended(string? how)
    {
        // An answer that is whole, with the end that was asked for, is one thing heard.
        if (how is not null && !_isClosed && Status is 0 or 101)
            heard.Add(how);
    }

    protected override void OnStatus(int status)
    {
        if (status != 101)
            heard.Add(string.Create(CultureInfo.InvariantCulture, $"HTTP {status}"));
    }

    protected override void OnLine(ReadOnlySpan<byte> line)
    {
        var type = Field(line, "\"t\":"u8);
        IsWelcome |= type == "welcome";
        heard.Add(type == "error" ? "error " + Field(line, "\"code\":"u8) : type);
        Line?.Invoke(type, long.TryParse(Field(line, "\"id\":"u8), CultureInfo.InvariantCulture, out var id) ? id : 0);
    }

    protected override void OnPing(ReadOnlySpan<byte> payload) => Pongs?.Post(Bytes.Pong(payload));

    protected override void OnClose(int code, string reason)
    {
        _isClosed = true;
        heard.Add(string.Create(CultureInfo.InvariantCulture, $"{code} {reason}").TrimEnd());
    }
}
