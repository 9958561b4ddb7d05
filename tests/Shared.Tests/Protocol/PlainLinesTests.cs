using ClusterChat.Protocol;

namespace ClusterChat.Tests.Protocol;

public sealed class PlainLinesTests
{
    [Theory]
    [InlineData("a\nb", "a b")]
    [InlineData("a\r\nb", "a b")]
    [InlineData("a\rb", "a b")]
    [InlineData("a\n\nb", "a  b")]
    [InlineData("a\n\rb", "a  b")]
    [InlineData("a\vb\fc\u0085d\u2028e\u2029f", "a b c d e f")]
    [InlineData("tab\tstays 👍", "tab\tstays 👍")]
    [InlineData("\u001b[2J\u009b1mred\u0007\u007f", "�[2J�1mred��")]
    [InlineData("\u202etxet\u202c \u2066x\u2069", "�txet� �x�")]
    public void What_anybody_writes_is_one_line_that_steers_no_terminal(string text, string shown)
    {
        Wire.Text(PlainLines.Message("ann", text)).ShouldBe("ann: " + shown);
        Wire.Text(PlainLines.Notice(text)).ShouldBe("* " + shown);
    }

    [Theory]
    [InlineData("ann")]
    [InlineData("Ann O'Neil-2")]
    [InlineData("guest-1")]
    [InlineData("Jürgen")]
    [InlineData("王小明")]
    [InlineData("Ann (ops) 👩🏽‍🚀")]
    [InlineData("رضا")]
    [InlineData("7of9")]
    public void A_usual_name_is_written_as_it_is(string name) => Wire.Text(PlainLines.Message(name, "hi")).ShouldBe(name + ": hi");

    [Theory]
    [InlineData("ann: I owe you", "\"ann: I owe you\"")]
    [InlineData("ann:", "\"ann:\"")]
    [InlineData("ann\uff1a I owe you", "\"ann\uff1a I owe you\"")]
    [InlineData("ann\u02d0 I owe you", "\"ann\u02d0 I owe you\"")]
    [InlineData("ann\u2236 I owe you", "\"ann\u2236 I owe you\"")]
    [InlineData("* The server", "\"* The server\"")]
    [InlineData("\u2731 The server", "\"\u2731 The server\"")]
    [InlineData("👍 ann", "\"👍 ann\"")]
    [InlineData("a\"b", "\"a\\\"b\"")]
    [InlineData("\"ann\"", "\"\\\"ann\\\"\"")]
    [InlineData("a\": x\\", "\"a\\\": x\\\\\"")]
    public void A_name_that_could_be_taken_for_something_else_is_in_quotation_marks(string name, string shown)
        => Wire.Text(PlainLines.Message(name, "100 euros")).ShouldBe(shown + ": 100 euros");

    [Fact]
    public void Each_line_can_be_read_back_in_one_way()
    {
        string[] names = ["ann", "ann: I owe you", "* ann", "\"ann\"", "ann\": \"", "ann\\", "ann\\\"", ": ", "\"", "ann: ", "-", "ann\": x"];
        string[] texts = ["100 euros", "I owe you: 100 euros", "\": x", ": x", "* x", "", "\": \"a\": b"];
        foreach (var name in names)
        {
            foreach (var text in texts)
                ReadBack(Wire.Text(PlainLines.Message(name, text))).ShouldBe((name, text));
        }
    }

    private static (string Name, string Text) ReadBack(string line)
    {
        line.ShouldNotStartWith("*");
        var end = line.IndexOf(':', StringComparison.Ordinal);
        if (line[0] == '"')
        {
            end = 1;
            while (line[end] != '"')
                end += line[end] == '\\' ? 2 : 1;
            end++;
        }

        line.Substring(end, 2).ShouldBe(": ");
        var name = line[..end];
        return (name[0] == '"' ? System.Text.Json.JsonSerializer.Deserialize<string>(name)! : name, line[(end + 2)..]);
    }
}
