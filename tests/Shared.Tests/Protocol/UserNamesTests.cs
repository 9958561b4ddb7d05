using System.Diagnostics;
using System.Text;
using ClusterChat.Protocol;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ClusterChat.Tests.Protocol;

/// <summary>A string that somebody may want to be called, well-formed.</summary>
public sealed record Wish(string Value);

/// <summary>Where FsCheck finds <see cref="Wish"/>.</summary>
public static class Wishes
{
    public static Arbitrary<Wish> Wish()
    {
        var codePoint = Gen.OneOf(
            Gen.Choose(0x20, 0x7e),
            Gen.Choose('a', 'z'),
            Gen.Choose(0xa0, 0x17f),
            Gen.Choose(0x300, 0x36f),
            Gen.Choose(0x370, 0x52f),
            Gen.Choose(0x200b, 0x200f),
            Gen.Elements(0x34f, 0xfe0f, 0x3164, 0x2800, 0x1d159, 0x13441, 0xfffc, 0xfffe, 0xe000, 0x1f469, 0x2764, 0x212b, 0x1100, 0x1161),
            Gen.Choose(0x80, 0xd7ff),
            Gen.Choose(0xe000, 0xffff),
            Gen.Choose(0x10000, 0x10ffff));
        return codePoint.Select(char.ConvertFromUtf32).ArrayOf().Select(parts => new Wish(string.Concat(parts.Take(40)))).ToArbitrary();
    }
}

[Properties(Arbitrary = [typeof(Wishes)], MaxTest = 2000)]
public sealed class UserNamesTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("ann")]
    [InlineData("Ann Lee")]
    [InlineData("안녕")]
    [InlineData("👩‍👩‍👧")]
    [InlineData("👍🏽")]
    [InlineData("❤\ufe0f ann")]
    [InlineData("1\ufe0f\u20e3")]
    [InlineData("\u0645\u06cc\u200c\u0631\u0645")]
    [InlineData("श्री")]
    [InlineData("क्\u200dष")]
    [InlineData("คำ")]
    [InlineData("*")]
    [InlineData("😀")]
    public void A_user_may_have_this_name_and_it_is_kept_as_it_is(string name)
    {
        UserNames.Check(name, out var kept).ShouldBeNull();
        kept.ShouldBe(name);
    }

    [Theory]
    [InlineData("Jose\u0301", "José")]
    [InlineData("\u212bsa", "\u00c5sa")]
    [InlineData("\u1112\u1161\u11ab", "한")]
    [InlineData("Ann  Lee", "Ann Lee")]
    [InlineData("Ann\u00a0\u3000Lee", "Ann Lee")]
    public void A_name_is_kept_and_shown_in_its_composed_form(string given, string shown)
    {
        UserNames.Check(given, out var kept).ShouldBeNull();
        kept.ShouldBe(shown);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" ", "visible")]
    [InlineData("\u3000\u00a0", "visible")]
    [InlineData("\u0301", "visible")]
    [InlineData("\u20dd", "visible")]
    [InlineData("\u200b", "invisible")]
    [InlineData("\u200d\u2060\ufeff", "invisible")]
    [InlineData("\u3164", "invisible")]
    [InlineData("\u2800", "invisible")]
    [InlineData("\ud834\udd59", "invisible")]
    [InlineData("\ud80d\udc41", "invisible")]
    [InlineData("\ufffc", "invisible")]
    [InlineData("\ufffd", "invisible")]
    [InlineData("a\u200bnn", "invisible")]
    [InlineData("an\u200dn", "invisible")]
    [InlineData("an\u200cn", "invisible")]
    [InlineData("ann\u200d", "invisible")]
    [InlineData("a\u00adnn", "invisible")]
    [InlineData("a\u034fnn", "invisible")]
    [InlineData("ann\ufe0f", "invisible")]
    [InlineData("a\u2800nn", "invisible")]
    [InlineData("\u0645\u200c", "invisible")]
    [InlineData("👩\u200d", "invisible")]
    [InlineData("a\ue000", "private")]
    [InlineData("a\u0378", "unassigned")]
    [InlineData("a\ufffe", "unassigned")]
    [InlineData("a\uffff", "unassigned")]
    [InlineData("\u1112x", "jamo")]
    [InlineData("\u0301a", "begin")]
    [InlineData("a\u0316\u0317\u0318\u0319\u031c", "pile")]
    [InlineData("x\u0307\u0307", "pile")]
    [InlineData(" ann", "begin or end")]
    [InlineData("ann ", "begin or end")]
    [InlineData("\u00a0ann", "begin or end")]
    [InlineData("ann\u3000", "begin or end")]
    [InlineData("a\nb", "control")]
    [InlineData("a\tb", "control")]
    [InlineData("a\0b", "control")]
    [InlineData("a\u007fb", "control")]
    [InlineData("a\u0085b", "control")]
    [InlineData("a\u2028b", "separators")]
    [InlineData("a\u2029b", "separators")]
    [InlineData("a\u202ab", "direction")]
    [InlineData("a\u202eb", "direction")]
    [InlineData("a\u2066b", "direction")]
    [InlineData("a\u2069b", "direction")]
    public void No_user_has_this_name_and_the_reason_says_why(string name, string why)
        => UserNames.Check(name, out _).ShouldNotBeNull().ShouldContain(why);

    [Fact]
    public void The_length_is_in_code_points_of_what_is_shown()
    {
        UserNames.Check(string.Concat(Enumerable.Repeat("👍", 32)), out _).ShouldBeNull();
        UserNames.Check(string.Concat(Enumerable.Repeat("👍", 33)), out _).ShouldNotBeNull().ShouldContain("32");
        UserNames.Check(string.Concat(Enumerable.Repeat("e\u0301", 32)), out _).ShouldBeNull();
        UserNames.Check(string.Concat(Enumerable.Repeat("e\u0301", 33)), out _).ShouldNotBeNull().ShouldContain("32");
        UserNames.Check(new string('x', 33), out _).ShouldNotBeNull().ShouldContain("32");

        // Putting marks in order takes the square of their number: nobody is to send 30,000 of them.
        UserNames.Check("a" + new string('\u0301', 129), out _).ShouldNotBeNull().ShouldContain("32");
    }

    [Fact]
    public void A_plain_name_is_taken_as_it_is_without_allocating()
    {
        var name = "ann_42";
        UserNames.Check(name, out _);
        UserNames.Check(name, out var kept).ShouldBeNull();
        kept.ShouldBeSameAs(name);

        // Code as first compiled boxes what optimized code does not; the runtime replaces it after some dozen calls, in the
        // background. Code that allocates by itself would for ever.
        var least = long.MaxValue;
        for (var began = Stopwatch.StartNew(); least > 0 && began.Elapsed < TimeSpan.FromSeconds(20);)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            UserNames.Check(name, out _);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.ShouldBe(0);
    }

    [Property]
    public void What_is_let_in_is_normal_of_assigned_code_points_and_let_in_again(Wish wish)
    {
        ArgumentNullException.ThrowIfNull(wish);
        if (UserNames.Check(wish.Value, out var name) is not null)
            return;
        name.IsNormalized(NormalizationForm.FormC).ShouldBeTrue();
        name.EnumerateRunes().Count().ShouldBeInRange(1, Rules.MaxUserNameLength);
        name.ShouldAllBe(c => !char.IsWhiteSpace(c) || c == ' ');
        name.Trim().ShouldBe(name);
        UserNames.Check(name, out var again).ShouldBeNull();
        again.ShouldBe(name);
    }

    [Property]
    public void All_canonical_spellings_are_one_name(Wish wish)
    {
        ArgumentNullException.ThrowIfNull(wish);
        if (!Rules.CanBeNormalized(wish.Value))
            return;
        var reason = UserNames.Check(wish.Value, out var name);
        foreach (var form in (NormalizationForm[])[NormalizationForm.FormC, NormalizationForm.FormD])
        {
            (UserNames.Check(wish.Value.Normalize(form), out var other) is null).ShouldBe(reason is null);
            if (reason is null)
                other.ShouldBe(name);
        }
    }

    [Property]
    public void Nothing_that_shows_nothing_makes_another_name(Wish wish, ushort place, ushort choice)
    {
        ArgumentNullException.ThrowIfNull(wish);
        int[] nothing = [0x200b, 0x200c, 0x200d, 0x2060, 0xfeff, 0x34f, 0xfe0f, 0xfe00, 0xad, 0x3164, 0xe0061, 0xe0101, 0x180e];
        if (UserNames.Check(wish.Value, out var name) is not null)
            return;
        var runes = name.EnumerateRunes().ToList();
        runes.Insert(place % (runes.Count + 1), new Rune(nothing[choice % nothing.Length]));
        if (UserNames.Check(string.Concat(runes), out var longer) is null)
            NameKeys.Of(longer).ShouldBe(NameKeys.Of(name));
    }
}
