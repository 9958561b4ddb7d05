using System.Buffers;

namespace ClusterChat.Gateway.Connections;

/// <summary>What a client sends behind its hello while somebody else is asked who it is; bounded.</summary>
internal sealed class HelloInProgress(int maxBytes)
{
    private readonly ArrayBufferWriter<byte> _rest = new();

    /// <summary>The lines, in order.</summary>
    public ReadOnlySpan<byte> Rest => _rest.WrittenSpan;

    /// <summary>Keeps a copy of what is left of a frame.</summary>
    /// <returns>False: it is too much.</returns>
    public bool TryAdd(ReadOnlySpan<byte> frame)
    {
        if (_rest.WrittenCount + frame.Length >= maxBytes)
        {
            return false;
        }

        if (_rest.WrittenCount > 0 && !frame.IsEmpty)
        {
            _rest.Write("\n"u8);
        }

        _rest.Write(frame);
        return true;
    }
}
