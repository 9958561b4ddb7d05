using System.Numerics;
using System.Runtime.InteropServices;

namespace ClusterChat.Gateway.WebSockets;

/// <summary>The masking of client frames, RFC 6455, section 5.3. It is its own inverse.</summary>
internal static class Masking
{
    /// <summary>Masks or unmasks in place, as many bytes at a time as the machine's vectors hold.</summary>
    /// <param name="data">The bytes, anywhere within a payload.</param>
    /// <param name="key">The frame's key as <see cref="FrameHeader.MaskKey"/> has it.</param>
    /// <param name="offset">How many bytes of the payload came before <paramref name="data"/>, modulo 4.</param>
    public static void Apply(Span<byte> data, uint key, int offset)
    {
        var shift = 8 * (offset & 3);
        var turned = BitConverter.IsLittleEndian ? BitOperations.RotateRight(key, shift) : BitOperations.RotateLeft(key, shift);

        if (data.Length >= Vector<byte>.Count)
        {
            var vectors = MemoryMarshal.Cast<byte, Vector<uint>>(data);
            var mask = new Vector<uint>(turned);
            for (var i = 0; i < vectors.Length; i++)
            {
                vectors[i] ^= mask;
            }

            data = data[(vectors.Length * Vector<byte>.Count)..];
        }

        // What is left starts at a multiple of four, so the key is not turned any further.
        var words = MemoryMarshal.Cast<byte, uint>(data);
        for (var i = 0; i < words.Length; i++)
        {
            words[i] ^= turned;
        }

        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in turned));
        data = data[(words.Length * sizeof(uint))..];
        for (var i = 0; i < data.Length; i++)
        {
            data[i] ^= bytes[i];
        }
    }
}
