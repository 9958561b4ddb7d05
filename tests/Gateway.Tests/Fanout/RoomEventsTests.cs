using System.Text;
using ClusterChat.Gateway.Fanout;

namespace ClusterChat.Gateway.Tests.Fanout;

public sealed class RoomEventsTests
{
    [Fact]
    public void Lines_are_joined_in_order_and_cut_where_they_are_many()
    {
        var lines = Enumerable.Range(1, 300).Select(i => $"{i} {new string('x', i)}").ToList();

        var chunks = Events(1, lines).Chunks;

        chunks.Count.ShouldBe(3);
        chunks.ShouldAllBe(c => c.Length <= 16 * 1024);
        string.Join('\n', chunks.Select(c => Encoding.UTF8.GetString(c.Span))).ShouldBe(string.Join('\n', lines));
    }

    [Fact]
    public void A_line_longer_than_a_chunk_stays_whole()
    {
        var huge = new string('x', 40_000);

        Events(1, ["a", huge, "b", "c"]).Chunks.Select(c => Encoding.UTF8.GetString(c.Span)).ShouldBe(["a", huge, "b\nc"]);
    }

    [Theory]
    [InlineData(3, "e4 e5 e6")]
    [InlineData(4, "e5 e6")]
    [InlineData(5, "e6")]
    public void Who_is_ahead_gets_the_rest(long position, string expected)
        => string.Join(' ', Events(4, ["e4", "e5", "e6"]).After(position).Events.Select(e => Encoding.UTF8.GetString(e.Line.Span))).ShouldBe(expected);

    private static RoomEvents Events(long first, IReadOnlyList<string> lines)
        => new([.. lines.Select((line, i) => new RoomEvent("log", first + i, Encoding.UTF8.GetBytes(line)))]);
}
