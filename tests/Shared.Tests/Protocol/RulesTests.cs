using ClusterChat.Protocol;

namespace ClusterChat.Tests.Protocol;

public sealed class RulesTests
{
    private const char HighSurrogate = '\ud83d';

    [Theory]
    [InlineData("lobby")]
    [InlineData("a")]
    [InlineData("Team.A_1-x:y")]
    [InlineData("방")]
    [InlineData("café")]
    [InlineData("हिन्दी")]
    [InlineData("\u0663")]
    [InlineData("𐐀")]
    [InlineData("คำ")]
    [InlineData("ομάδα:1")]
    [InlineData("team_日本")]
    [InlineData("ю-1")]
    [InlineData("q\u0323\u0307")]
    public void A_room_may_have_this_name(string room) => Rules.CheckRoomName(room).ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a#b")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    [InlineData("👍")]
    [InlineData("a\u200db")]
    [InlineData("\u2167")]
    [InlineData("\u00b2")]
    [InlineData("\ufffe")]
    [InlineData("\ue000")]
    [InlineData("\ufffd")]
    [InlineData("a\u034fb")]
    [InlineData("a\ufe0fb")]
    [InlineData("a\u3164b")]
    [InlineData("\ud80d\udc41")]
    [InlineData("\u1112\u1161")]
    [InlineData("ｌｏｂｂｙ")]
    [InlineData("𝒜")]
    [InlineData("\u0e04\u0e4d\u0e32")]
    [InlineData("ﬁn")]
    [InlineData("lоbby")]
    [InlineData("lοbby")]
    [InlineData("оοо")]
    public void No_room_has_this_name(string room) => Rules.CheckRoomName(room).ShouldNotBeNull();

    [Theory]
    [InlineData("cafe\u0301")]
    [InlineData("q\u0307\u0323")]
    [InlineData("\u212b")]
    public void A_room_name_that_is_not_in_form_C_is_refused_and_not_changed(string room) =>
        Rules.CheckRoomName(room).ShouldNotBeNull().ShouldContain("form C");

    [Fact]
    public void The_length_of_a_room_s_name_is_in_code_points()
    {
        Rules.CheckRoomName(string.Concat(Enumerable.Repeat("𐐀", 128))).ShouldBeNull();
        Rules.CheckRoomName(string.Concat(Enumerable.Repeat("𐐀", 129))).ShouldNotBeNull().ShouldContain("128");
        Rules.CheckRoomName(new string('x', 128)).ShouldBeNull();
        Rules.CheckRoomName(new string('x', 129)).ShouldNotBeNull();
    }

    [Fact]
    public void Lone_surrogates_are_refused_everywhere()
    {
        // Not in a table: attributes are stored as UTF-8, which cannot hold them.
        foreach (var text in new[] { $"a{HighSurrogate}", $"{HighSurrogate}a", "a\udc4d", $"\udc4d{HighSurrogate}" })
        {
            UserNames.Check(text, out _).ShouldNotBeNull().ShouldContain("surrogate");
            Rules.CheckRoomName(text).ShouldNotBeNull().ShouldContain("surrogate");
            Rules.CheckText(text, hasData: false).ShouldNotBeNull().ShouldContain("surrogate");
            Rules.CheckMid(text).ShouldNotBeNull();
            Position.TryParse(text + "/1", out _).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("4b", true)]
    [InlineData("!~", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("é", false)]
    [InlineData("a\u007f", false)]
    [InlineData("a\n", false)]
    public void A_mid_is_printable_ASCII(string mid, bool good) => (Rules.CheckMid(mid) is null).ShouldBe(good);

    [Fact]
    public void A_mid_has_at_most_64_characters()
    {
        Rules.CheckMid(new string('x', 64)).ShouldBeNull();
        Rules.CheckMid(new string('x', 65)).ShouldNotBeNull();
    }

    [Fact]
    public void A_text_may_be_empty_only_with_data_and_never_holds_NUL()
    {
        Rules.CheckText("", hasData: true).ShouldBeNull();
        Rules.CheckText("", hasData: false).ShouldNotBeNull();
        Rules.CheckText("a\0", hasData: true).ShouldNotBeNull().ShouldContain("NUL");
        Rules.CheckText("a\t\n\u001b\u2028👍", hasData: false).ShouldBeNull();
    }

    [Theory]
    [InlineData("abc", 3, true)]
    [InlineData("abcd", 3, false)]
    [InlineData("é", 2, true)]
    [InlineData("éa", 2, false)]
    [InlineData("👍", 4, true)]
    [InlineData("👍", 3, false)]
    [InlineData("한", 3, true)]
    public void The_length_of_a_text_is_in_bytes(string text, int max, bool good) =>
        (Rules.CheckTextLength(text, max) is null).ShouldBe(good);
}
