using System.Globalization;
using System.Text;
using ClusterChat.Gateway.Connections;

namespace ClusterChat.Gateway.Tests;

/// <summary>A wire that writes down what goes out, takes it when it is told to, and insists on one call at a time.</summary>
internal sealed class FakeTransport : IClientTransport
{
    private TaskCompletionSource? _pending;

    /// <summary>One entry a call: the lines of a frame joined by <c>|</c>, <c>ping</c>, <c>close 3008 reason</c>, <c>abort</c>.</summary>
    public List<string> Wire { get; } = [];

    /// <summary>The lines that were sent, in order.</summary>
    public IEnumerable<string> Lines => Wire.Where(w => !w.StartsWith("close", StringComparison.Ordinal) && w is not "ping" and not "abort").SelectMany(w => w.Split('|'));

    /// <summary>The numbers of the pings.</summary>
    public List<int> Pings { get; } = [];

    /// <summary>If it is true each call waits for <see cref="Take"/>.</summary>
    public bool IsSlow { get; set; }

    /// <summary>If it is true each call fails.</summary>
    public bool IsBroken { get; set; }

    /// <summary>What it has taken of the call that waits, by its own measure.</summary>
    public long Taken { get; set; }

    /// <summary>What it holds for the call that waits.</summary>
    public long HeldBytes { get; set; }

    public ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
        => Call(string.Join('|', lines.Select(l => Encoding.UTF8.GetString(l.Span))));

    public ValueTask PingAsync(int number)
    {
        Pings.Add(number);
        return Call("ping");
    }

    public ValueTask CloseAsync(ushort code, string reason) => Call(string.Create(CultureInfo.InvariantCulture, $"close {code} {reason}"));

    public void Abort()
    {
        Wire.Add("abort");
        if (_pending is not null)
            Break();
    }

    /// <summary>The wire takes the call that waits.</summary>
    public void Take()
    {
        var pending = _pending.ShouldNotBeNull();
        _pending = null;
        pending.SetResult();
    }

    /// <summary>The call that waits fails.</summary>
    public void Break()
    {
        IsBroken = true;
        var pending = _pending.ShouldNotBeNull();
        _pending = null;
        pending.SetException(new IOException("gone"));
    }

    private ValueTask Call(string what)
    {
        _pending.ShouldBeNull("calls overlap");
        if (IsBroken)
            throw new IOException("gone");
        Wire.Add(what);
        if (!IsSlow)
            return ValueTask.CompletedTask;
        _pending = new TaskCompletionSource();
        return new ValueTask(_pending.Task);
    }
}
