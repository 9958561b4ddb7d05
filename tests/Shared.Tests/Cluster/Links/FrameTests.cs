using System.Buffers;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Codec;

namespace ClusterChat.Shared.Tests.Cluster.Links;

public sealed class FrameTests
{
    [Fact]
    public void Many_messages_share_a_frame()
    {
        var frames = Write(1000, [.. Enumerable.Range(0, 10).Select(i => Event(10, i))]);
        Read(frames, 1000).ShouldBe([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    }

    [Fact]
    public void A_message_that_does_not_fit_any_more_begins_a_new_frame()
    {
        var frames = Write(300, [.. Enumerable.Range(0, 6).Select(i => Event(110, i))]);
        Read(frames, 300).ShouldBe([[0, 1], [2, 3], [4, 5]]);
    }

    [Fact]
    public void A_message_that_fits_no_frame_is_left_out()
    {
        var writer = new FrameWriter("n/1", 300);
        writer.Add(Event(50, 1)).ShouldBeTrue();
        writer.Add(Event(400, 2)).ShouldBeFalse();
        writer.Add(Event(50, 3)).ShouldBeTrue();
        writer.EndFrame();
        Read(writer.Written, 300).ShouldBe([[1, 3]]);
    }

    [Fact]
    public void A_writer_is_used_again_after_a_large_frame()
    {
        var writer = new FrameWriter("n/1", 1 << 20);
        writer.Add(Event(1 << 19, 1));
        writer.EndFrame();
        writer.Clear();
        writer.Written.IsEmpty.ShouldBeTrue();
        writer.Add(Event(10, 2));
        writer.EndFrame();
        Read(writer.Written, 1 << 20).ShouldBe([[2]]);
    }

    [Fact]
    public void A_frame_is_read_however_it_is_cut()
    {
        var bytes = Write(1000, Event(10, 1)).ToArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            var part = new ReadOnlySequence<byte>(bytes, 0, length);
            FrameReader.TryRead(ref part, 1000, out _).ShouldBeFalse();
            part.Length.ShouldBe(length);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x7F, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0, 0, 3, 0xE9 })]
    public void A_length_over_the_limit_is_refused_before_its_bytes_come(byte[] header)
    {
        var sequence = new ReadOnlySequence<byte>(header);
        Should.Throw<InvalidDataException>(() => FrameReader.TryRead(ref sequence, 1000, out _));
    }

    [Fact]
    public void Garbage_in_a_frame_is_refused()
    {
        var sequence = new ReadOnlySequence<byte>([0, 0, 0, 3, 0x0A, 0x7F, 1]);
        Should.Throw<InvalidDataException>(() => FrameReader.TryRead(ref sequence, 1000, out _));
    }

    private static FromRoomLink Event(int bytes, long seq) => new(new EventsCommitted("room", 1, seq, [new byte[bytes]]));

    private static ReadOnlyMemory<byte> Write(int max, params LinkMessage[] messages)
    {
        var writer = new FrameWriter("n/1", max);
        foreach (var message in messages)
        {
            writer.Add(message).ShouldBeTrue();
        }

        writer.EndFrame();
        return writer.Written;
    }

    private static List<long[]> Read(ReadOnlyMemory<byte> bytes, int max)
    {
        var sequence = new ReadOnlySequence<byte>(bytes);
        var frames = new List<long[]>();
        while (FrameReader.TryRead(ref sequence, max, out var batch))
        {
            frames.Add([.. batch.Envelopes.Select(e => e.FromRoom.EventsCommitted.FirstSeq)]);
        }

        sequence.IsEmpty.ShouldBeTrue();
        return frames;
    }
}
