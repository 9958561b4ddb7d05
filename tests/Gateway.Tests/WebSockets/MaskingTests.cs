using System.Runtime.InteropServices;
using ClusterChat.Gateway.WebSockets;

namespace ClusterChat.Gateway.Tests.WebSockets;

public sealed class MaskingTests
{
    [Fact]
    public void Equals_the_naive_way_at_all_offsets_lengths_and_alignments()
    {
        var random = new Random(6455);
        byte[] key = [0x12, 0x00, 0xFE, 0x81];
        var number = MemoryMarshal.Read<uint>(key);
        var data = new byte[300];
        random.NextBytes(data);

        for (var offset = 0; offset < 9; offset++)
        {
            for (var start = 0; start < 9; start++)
            {
                for (var length = 0; length <= 280; length++)
                {
                    var actual = data.ToArray();
                    Masking.Apply(actual.AsSpan(start, length), number, offset);

                    var expected = data.ToArray();
                    for (var i = 0; i < length; i++)
                    {
                        expected[start + i] ^= key[(offset + i) % 4];
                    }

                    if (!actual.AsSpan().SequenceEqual(expected))
                    {
                        Assert.Fail($"offset {offset}, start {start}, length {length}");
                    }
                }
            }
        }
    }
}
