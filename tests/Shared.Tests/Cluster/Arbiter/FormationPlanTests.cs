using ClusterChat.Cluster.Arbiter;
using FsCheck.Xunit;

namespace ClusterChat.Shared.Tests.Cluster.Arbiter;

public sealed class FormationPlanTests
{
    /// <summary>Rows in the order of their coming, those that are up with a star; what "b" does.</summary>
    [Theory]
    [InlineData("b", "founds")]
    [InlineData("b c", "founds")]
    [InlineData("a b c", "joins a")]
    [InlineData("b c*", "joins c")]
    [InlineData("a b c* d*", "joins c d")]
    [InlineData("a* b", "joins a")]
    public void Who_came_first_founds_unless_somebody_is_up(string rows, string expected)
    {
        var plan = FormationPlan.Of(Row("b", 0).Key, Table(rows));
        (plan.Founds ? "founds" : $"joins {string.Join(' ', plan.Contacts.Select(c => c.Name))}").ShouldBe(expected);
    }

    [Property(MaxTest = 500)]
    public void Of_those_who_read_the_same_table_one_founds_at_most_and_only_where_nobody_is_up(int seed)
    {
        var random = new Random(seed);
        var table = Table(string.Join(' ', "abcdef"[..random.Next(1, 7)].Select(c => random.Next(5) == 0 ? $"{c}*" : $"{c}")));
        var plans = table.Nodes.Where(n => n.State == NodeState.Joining).Select(n => (n.Key, Plan: FormationPlan.Of(n.Key, table))).ToList();

        plans.Count(p => p.Plan.Founds).ShouldBe(table.Nodes.Any(n => n.State == NodeState.Up) ? 0 : 1);
        plans.Where(p => !p.Plan.Founds).ShouldAllBe(p => p.Plan.Contacts.Count > 0 && p.Plan.Contacts.All(c => c.Key != p.Key));
    }

    [Fact]
    public void Strangers_are_those_up_who_are_no_members()
    {
        var table = Table("a* b c* d");
        FormationPlan.Strangers(Row("b", 0).Key, table, [Row("a", 0).Key, Row("b", 0).Key]).ShouldHaveSingleItem().Name.ShouldBe("c");
    }

    [Fact]
    public void Who_comes_with_an_address_takes_the_place_of_its_former_starts_only()
    {
        var self = new NodeKey("a:1", 99);
        FormationPlan.Superseded(self, Table("a b").With(new NodeChange(0, new NodeRow(self, "x", "", NodeState.Joining, 5), [])))
            .ShouldHaveSingleItem().Name.ShouldBe("a");
    }

    private static NodeRow Row(string text, int since) =>
        new(new NodeKey($"{text[0]}:1", text[0]), text[..1], "", text.EndsWith('*') ? NodeState.Up : NodeState.Joining, since);

    private static NodeList Table(string rows) => new(9, [.. rows.Split(' ').Select((r, i) => Row(r, i + 1))]);
}
