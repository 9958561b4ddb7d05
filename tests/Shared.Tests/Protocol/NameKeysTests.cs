using System.Text;
using ClusterChat.Protocol;
using FsCheck.Xunit;

namespace ClusterChat.Tests.Protocol;

[Properties(Arbitrary = [typeof(Wishes)], MaxTest = 1000)]
public sealed class NameKeysTests
{
    [Theory]
    [InlineData("ann", "аnn")]
    [InlineData("ann", "Ann")]
    [InlineData("ANN", "аnn")]
    [InlineData("ann", "ａｎｎ")]
    [InlineData("ann", "𝓪𝓷𝓷")]
    [InlineData("cop", "сор")]
    [InlineData("TOM", "ТОМ")]
    [InlineData("tom", "ТОМ")]
    [InlineData("NIKE", "ΝΙΚΕ")]
    [InlineData("nova", "nονа")]
    [InlineData("Москва", "Mосква")]
    [InlineData("ΟΧΙ", "ОХІ")]
    [InlineData("paypal", "paypaI")]
    [InlineData("admin", "adrnin")]
    [InlineData("bob", "b0b")]
    [InlineData("l1sa", "lIsa")]
    [InlineData("Ian", "lan")]
    [InlineData("IAN", "ian")]
    [InlineData("josé", "jоsé")]
    [InlineData("Łukasz", "łukasz")]
    [InlineData("SAM", "ЅАМ")]
    [InlineData("OO", "ՕՕ")]
    [InlineData("❤", "❤\ufe0f")]
    [InlineData("\u0645\u06cc\u200c\u0631\u0645", "\u0645\u06cc\u0631\u0645")]
    public void These_two_are_taken_for_one(string one, string other) => AreAlike(one, other).ShouldBeTrue();

    [Theory]
    [InlineData("ann", "anna")]
    [InlineData("ali", "all")]
    [InlineData("jose", "josé")]
    [InlineData("guest-1", "guest-2")]
    [InlineData("user10", "user11")]
    [InlineData("Иван", "Ивана")]
    [InlineData("дима", "дина")]
    [InlineData("田中", "中田")]
    [InlineData("😀", "😁")]
    [InlineData("👍", "👍🏽")]
    [InlineData("Νίκος", "Νίκη")]
    public void These_two_are_not(string one, string other) => AreAlike(one, other).ShouldBeFalse();

    [Fact]
    public void A_plain_name_is_its_own_key_without_allocating()
    {
        const string Name = "ann_42";
        _ = NameKeys.Of(Name);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var keys = NameKeys.Of(Name);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        keys.Folded.ShouldBeSameAs(Name);
        keys.Skeleton.ShouldBeSameAs(Name);
    }

    [Fact]
    public void Numbers_and_letters_behind_a_common_name_never_clash()
    {
        // What load generators, and plain mode with its -2, rely on.
        Enumerable.Range(0, 10_000).Select(i => NameKeys.Of($"user{i}"))
            .SelectMany(k => new[] { k.Folded, k.Skeleton }.Distinct(StringComparer.Ordinal))
            .ShouldBeUnique();
    }

    [Fact]
    public void The_table_leads_nowhere_twice_and_has_nothing_of_ASCII()
    {
        Confusables.All.Count().ShouldBeGreaterThan(600);
        foreach (var (source, prototype) in Confusables.All)
        {
            source.IsAscii.ShouldBeFalse();
            source.ToString().IsNormalized(NormalizationForm.FormKD).ShouldBeTrue($"U+{source.Value:X4} is taken apart before it is looked up");
            prototype.EnumerateRunes().ShouldAllBe(r => Confusables.Prototype(r) == null || r.Value == 0x438, $"U+{source.Value:X4}");
        }
    }

    [Property]
    public void A_name_with_any_letter_changed_for_one_that_looks_like_it_is_the_same(Wish wish, int seed)
    {
        ArgumentNullException.ThrowIfNull(wish);
        if (UserNames.Check(wish.Value, out var name) is not null)
            return;
        var random = new Random(seed);
        var like = Confusables.All.ToLookup(p => p.Prototype, p => p.Source.ToString());
        var changed = string.Concat(name.EnumerateRunes().Select(r => like[r.ToString()].ToArray() is { Length: > 0 } others && random.Next(2) == 0
            ? others[random.Next(others.Length)]
            : r.ToString()));
        NameKeys.Of(changed).Skeleton.ShouldBe(NameKeys.Of(name).Skeleton);
    }

    [Property]
    public void A_name_is_alike_in_lower_and_in_compatibility_form(Wish wish)
    {
        ArgumentNullException.ThrowIfNull(wish);
        if (UserNames.Check(wish.Value, out var name) is not null)
            return;
        AreAlike(name, name.ToLowerInvariant()).ShouldBeTrue();
        AreAlike(name, name.Normalize(NormalizationForm.FormKC)).ShouldBeTrue();
    }

    private static bool AreAlike(string one, string other)
    {
        NameKeys left = NameKeys.Of(one), right = NameKeys.Of(other);
        return left.Folded == right.Folded || left.Skeleton == right.Skeleton;
    }
}
