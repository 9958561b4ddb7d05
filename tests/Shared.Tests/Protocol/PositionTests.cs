using ClusterChat.Protocol;

namespace ClusterChat.Tests.Protocol;

public sealed class PositionTests
{
    [Theory]
    [InlineData("L1/0", "L1", 0)]
    [InlineData("L1/41", "L1", 41)]
    [InlineData("a/b/7", "a/b", 7)]
    [InlineData("L/9007199254740991", "L", 9007199254740991)]
    public void A_position_is_read_and_written_alike(string text, string log, long seq)
    {
        Position.TryParse(text, out var position).ShouldBeTrue();
        position.ShouldBe(new Position(log, seq));
        position.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("L1")]
    [InlineData("/1")]
    [InlineData("L1/")]
    [InlineData("L1/-1")]
    [InlineData("L1/+1")]
    [InlineData("L1/ 1")]
    [InlineData("L1/1 ")]
    [InlineData("L1/1.0")]
    [InlineData("L1/1,0")]
    [InlineData("L1/0x1")]
    [InlineData("L1/\u0661")]
    [InlineData("L1/9007199254740992")]
    [InlineData("L1/99999999999999999999999")]
    public void What_is_not_a_position_is_refused(string? text)
    {
        Position.TryParse(text, out var position).ShouldBeFalse();
        position.ShouldBeNull();
    }

    [Fact]
    public void A_log_has_at_most_64_characters()
    {
        Position.TryParse(new string('x', 64) + "/1", out _).ShouldBeTrue();
        Position.TryParse(new string('x', 65) + "/1", out _).ShouldBeFalse();
    }
}
