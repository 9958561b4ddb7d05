using System.Buffers;

namespace ClusterChat.Gateway.WebSockets;

/// <summary>
/// Bytes that wait for the rest of their frame or message, in an array of the shared pool. Grows with what has
/// come, never with what a header promises, and holds nothing while it is empty.
/// </summary>
internal struct PooledBytes
{
    private byte[]? _array;

    /// <summary>How many bytes are there.</summary>
    public int Length { get; private set; }

    /// <summary>How many there is room for.</summary>
    public readonly int Capacity => _array?.Length ?? 0;

    /// <summary>The bytes; valid until the next <see cref="Append"/> or <see cref="Clear"/>.</summary>
    public readonly ReadOnlyMemory<byte> Memory => _array.AsMemory(0, Length);

    /// <summary>Adds bytes at the end.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var needed = Length + bytes.Length;
        if (_array is null || _array.Length < needed)
        {
            // The pool's sizes are powers of two, so this doubles.
            var larger = ArrayPool<byte>.Shared.Rent(needed);
            _array.AsSpan(0, Length).CopyTo(larger);
            Return();
            _array = larger;
        }

        bytes.CopyTo(_array.AsSpan(Length));
        Length = needed;
    }

    /// <summary>Gives the array back.</summary>
    public void Clear()
    {
        Return();
        Length = 0;
    }

    private void Return()
    {
        if (_array is { } array)
        {
            _array = null;
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
