using ClusterChat.Cluster.Arbiter;
using FsCheck.Xunit;

namespace ClusterChat.Shared.Tests.Cluster.Arbiter;

public sealed class EvictionPlanTests
{
    /// <summary>
    /// Members: + joining, ? unreachable, ! gone, - not in the table. This node is among them and reachable.
    /// </summary>
    [Theory]
    [InlineData("a", "Majority")]
    [InlineData("a b? c", "Majority")]
    [InlineData("a b? c?", "Minority")]
    [InlineData("a b?", "FirstHalf")]
    [InlineData("a? b", "SecondHalf")]
    [InlineData("a b? c d?", "FirstHalf")]
    [InlineData("a? b? c d", "SecondHalf")]
    [InlineData("a? b! c", "SecondHalf")] // The dead do not count,
    [InlineData("a b! c? d", "Majority")]
    [InlineData("a? b- c", "SecondHalf")] // nor those who are evicted already,
    [InlineData("a? b- c! d e", "Majority")]
    [InlineData("a? b+ c+", "Minority")] // nor those who are only joining,
    [InlineData("a+ b+? c+", "Majority")] // unless there is nobody else.
    [InlineData("a+ b+?", "FirstHalf")]
    public void Only_those_count_who_are_up_in_the_table_and_not_proved_dead(string members, string expected)
    {
        EvictionPlan.Weigh(Table(members), [.. Members(members)]).ToString().ShouldBe(expected);
        if (!members.Contains('-', StringComparison.Ordinal))
            EvictionPlan.Weigh(null, [.. Members(members)]).ToString().ShouldBe(expected);
    }

    [Theory]
    [InlineData("a b c", true, "")]
    [InlineData("a b? c?", false, "")] // Not before their time,
    [InlineData("a b? c?", true, "b c")] // and then all of them.
    [InlineData("a b! c?", false, "b")] // Who is gone goes at once,
    [InlineData("a b! c?", true, "b c")] // with all others whose time has come.
    [InlineData("a b- c!", true, "c")]
    [InlineData("a b+? c+!", true, "b c")]
    [InlineData("a- b! c?", true, "")] // Who was evicted evicts nobody.
    [InlineData("a! b! c", true, "b")] // Nobody evicts itself.
    public void All_who_are_held_for_dead_go_in_one_change(string members, bool patienceIsOver, string expected) =>
        EvictionPlan.Decide(Key("a"), Table(members), Members(members), patienceIsOver).Select(k => k.Address[..1])
            .ShouldBe(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Theory]
    [InlineData("Majority", false, 150)]
    [InlineData("FirstHalf", false, 150)]
    [InlineData("SecondHalf", false, 500)]
    [InlineData("Minority", false, 1000)]
    [InlineData("Majority", true, 2000)] // Perhaps it is this process that was gone.
    [InlineData("Minority", true, 2000)]
    public void The_more_likely_side_is_faster(string standing, bool stoodStill, int expected) =>
        EvictionPlan.Patience(Enum.Parse<Standing>(standing), new ArbiterOptions(), stoodStill).TotalMilliseconds.ShouldBe(expected);

    [Property(MaxTest = 500)]
    public void Of_two_sides_that_do_not_see_each_other_one_comes_first(int seed)
    {
        var random = new Random(seed);
        var names = "abcdefg"[..random.Next(2, 8)].Select(c => $"{c}").ToArray();
        var sides = names.ToLookup(_ => random.Next(2) == 0);
        if (sides.Count < 2)
            return;
        var table = Table(string.Join(' ', names));

        Standing[] standings = [.. sides.Select(side => EvictionPlan.Weigh(table, [.. names.Select(n => new SeenMember(Key(n), true, !side.Contains(n), false))]))];

        standings.Order().ShouldBe(sides.First().Count() == sides.Last().Count()
            ? [Standing.FirstHalf, Standing.SecondHalf]
            : [Standing.Majority, Standing.Minority]);
    }

    private static NodeKey Key(string name) => new($"{name}:1", name[0]);

    private static IEnumerable<SeenMember> Members(string members) => members.Split(' ').Select(m =>
        new SeenMember(Key(m[..1]), !m.Contains('+', StringComparison.Ordinal), m.Contains('?', StringComparison.Ordinal), m.Contains('!', StringComparison.Ordinal)));

    private static NodeList Table(string members) => new(7,
    [
        .. members.Split(' ').Where(m => !m.Contains('-', StringComparison.Ordinal))
            .Select((m, i) => new NodeRow(Key(m[..1]), m[..1], "", NodeState.Up, i)),
    ]);
}
