using System.Text;
using ClusterChat.Protocol;

namespace ClusterChat.Tests.Protocol;

public sealed class EventLinesTests
{
    [Fact]
    public void A_message_is_read_back()
    {
        var line = ServerMessages.MessageEvent("lobby", 1, "m", "ann", "g:ann", 2, "a\"\n👍", 7, "{\"text\":\"no\",\"from\":\"no\"}"u8);
        EventLines.TryReadMessage(line, out var from, out var text).ShouldBeTrue();
        (from, text).ShouldBe(("ann", "a\"\n👍"));
    }

    [Theory]
    [InlineData("""{"t":"edited","room":"l","seq":46,"mid":"m","of":45,"from":"ann","ts":1,"text":"hi!"}""")]
    [InlineData("""{"t":"deleted","room":"l","seq":47,"mid":"m","of":45,"from":"ann","ts":1}""")]
    [InlineData("""{"t":"msg","room":"l","seq":45,"mid":"m","from":"ann","ts":1,"text":"","deleted":true}""")]
    [InlineData("""{"t":"msg","room":"l","from":"ann"}""")]
    [InlineData("""{"t":"msg","room":"l","from":"ann","text":5}""")]
    [InlineData("""{"t":"msg","room":"l","from":"ann","text":"\ud800"}""")]
    [InlineData("""{"t":"msg","room":"l","from":"ann","te""")]
    [InlineData("""{"t":"msg",""")]
    [InlineData("")]
    public void Anything_else_is_not_a_message(string line)
    {
        EventLines.TryReadMessage(Encoding.UTF8.GetBytes(line), out var from, out var text).ShouldBeFalse();
        (from, text).ShouldBe(("", ""));
    }

    [Fact]
    public void An_edited_message_shows_its_new_text()
    {
        EventLines.TryReadMessage("""{"t":"msg","room":"l","from":"ann","text":"new","edited":true,"reactions":{"text":["bob"]}}"""u8, out _, out var text)
            .ShouldBeTrue();
        text.ShouldBe("new");
    }
}
