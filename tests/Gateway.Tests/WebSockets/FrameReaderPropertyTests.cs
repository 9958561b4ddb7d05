using ClusterChat.Gateway.WebSockets;

namespace ClusterChat.Gateway.Tests.WebSockets;

public sealed class FrameReaderPropertyTests
{
    private const int Seeds = 400;

    [Fact]
    public void How_the_bytes_are_cut_makes_no_difference() => ForEachSeed((random, note) =>
    {
        var bytes = Conversation(random);
        var whole = Seen.In(bytes);

        Seen.In(bytes, 1).ShouldBe(whole, note);
        Seen.In(bytes, [.. Enumerable.Range(0, 50).Select(_ => random.Next(1, 40))]).ShouldBe(whole, note);
    });

    [Fact]
    public void How_damaged_bytes_are_cut_makes_no_difference() => ForEachSeed((random, note) =>
    {
        var bytes = Conversation(random);
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));

        Seen.In(bytes, random.Next(1, 9)).ShouldBe(Seen.In(bytes), note);
    });

    [Fact]
    public void Random_bytes_never_throw_and_make_at_most_one_violation() => ForEachSeed((random, note) =>
    {
        var bytes = new byte[random.Next(1, 5000)];
        random.NextBytes(bytes);

        // Mostly plausible headers, so that more than the first two bytes are looked at.
        bytes[0] = (byte)(0x80 | random.Next(0, 3));
        if (bytes.Length > 1)
        {
            bytes[1] |= 0x80;
        }

        Seen.In(bytes).Count(s => s.Kind is FrameEventKind.Violation or FrameEventKind.Binary).ShouldBeLessThanOrEqualTo(1, note);
    });

    [Fact]
    public void A_header_sets_nothing_aside_for_what_it_promises()
    {
        const int Readers = 2000;
        var start = ClientFrames.Frame(Opcode.Text, [1, 2, 3], final: false, claimed: Seen.Limit);
        var readers = new FrameReader[Readers];

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Readers; i++)
        {
            readers[i] = new FrameReader(Seen.Limit);
            Memory<byte> input = start.ToArray();
            readers[i].Read(ref input).Kind.ShouldBe(FrameEventKind.None);
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / Readers;
        each.ShouldBeLessThan(1024);
        foreach (var reader in readers)
        {
            reader.Dispose();
        }
    }

    [Fact]
    public void Whole_messages_are_read_without_allocating()
    {
        using var reader = new FrameReader(Seen.Limit);
        var frame = ClientFrames.Text(new string('a', 1000));
        var buffer = new byte[frame.Length];

        long before = 0;
        for (var i = 0; i < 1100; i++)
        {
            if (i == 100)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            frame.CopyTo(buffer, 0);
            Memory<byte> input = buffer;
            while (reader.Read(ref input).Kind != FrameEventKind.None)
            {
            }
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static void ForEachSeed(Action<Random, string> test)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            test(new Random(seed), $"seed {seed}");
        }
    }

    private static byte[] Conversation(Random random)
    {
        var frames = new List<byte[]>();
        var inMessage = false;
        var count = random.Next(1, 12);
        for (var i = 0; i < count; i++)
        {
            switch (random.Next(20))
            {
                case < 3:
                    frames.Add(ClientFrames.Ping(Letters(random, 125)));
                    break;
                case < 5:
                    frames.Add(ClientFrames.Pong(Letters(random, 125)));
                    break;
                case 5:
                    frames.Add(ClientFrames.Close(random.Next(2) == 0 ? null : (ushort)random.Next(990, 1020), Letters(random, 20)));
                    break;
                case 6:
                    frames.Add(ClientFrames.Frame((Opcode)random.Next(16), [], random.Next(2) == 0));
                    break;
                case 7:
                    frames.Add(ClientFrames.Text([0xC3, (byte)random.Next(256)], !inMessage));
                    break;
                default:
                    var final = random.Next(2) == 0;
                    var text = Letters(random, 300);
                    frames.Add(inMessage ? ClientFrames.More(text, final) : ClientFrames.Text(text, final));
                    inMessage = !final;
                    break;
            }
        }

        return ClientFrames.Join([.. frames]);
    }

    private static string Letters(Random random, int most)
        => new([.. Enumerable.Range(0, random.Next(most + 1)).Select(_ => (char)random.Next('a', 'z'))]);
}
