using System.Text;
using ClusterChat.Storage.Postgres;
using FsCheck.Xunit;

namespace ClusterChat.Storage.Tests.Postgres;

public sealed class NamePrefixTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData("a", "b")]
    [InlineData("az", "a{")]
    [InlineData("\u007f", "\u0080")]
    [InlineData("\ud7ff", "\ue000")]
    [InlineData("\uffff", "\U00010000")]
    [InlineData("😀", "😁")]
    [InlineData("a\U0010ffff", "b")]
    [InlineData("\U0010ffff\U0010ffff", null)]
    public void The_bound_is_the_next_code_point_in_the_last_place(string prefix, string? bound) =>
        NamePrefix.UpperBound(prefix).ShouldBe(bound);

    [Property]
    public void Names_with_the_prefix_are_below_the_bound_and_no_others(string? prefix, string? name)
    {
        if (prefix is null || name is null || !EntryRules.IsText(prefix) || !EntryRules.IsText(name)
            || NamePrefix.UpperBound(prefix) is not { } bound)
            return;
        IsBelow(prefix + name, bound).ShouldBeTrue();
        var inRange = !IsBelow(name, prefix) && IsBelow(name, bound);
        inRange.ShouldBe(name.StartsWith(prefix, StringComparison.Ordinal));
    }

    private static bool IsBelow(string one, string two) =>
        Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(two)) < 0;
}
