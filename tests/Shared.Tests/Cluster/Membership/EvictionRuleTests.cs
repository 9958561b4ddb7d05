using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;
using FsCheck.Xunit;

namespace ClusterChat.Shared.Tests.Cluster.Membership;

public sealed class EvictionRuleTests
{
    /// <summary>
    /// Nodes, votes (suspect&lt;voter), what "a" holds of the others (! dead, ? refused), and what it does: -x removes,
    /// +x votes, ~x takes back.
    /// </summary>
    [Theory]
    [InlineData("a", "", "", "")]
    [InlineData("a b c", "", "", "")]
    [InlineData("a b", "", "b?", "-b")] // The only other one decides alone.
    [InlineData("a b", "", "b!", "-b")]
    [InlineData("a b c", "", "b?", "+b")] // Of two others both have to.
    [InlineData("a b c", "", "b!", "+b")]
    [InlineData("a b c", "b<a", "b!", "")]
    [InlineData("a b c", "b<c", "b?", "-b")]
    [InlineData("a b c", "b<a b<c", "b!", "-b")]
    [InlineData("a b c", "b<c", "", "")] // Who does not suspect does nothing.
    [InlineData("a b c d e", "b<c b<d b<e", "", "")]
    [InlineData("a b c", "", "b! c!", "-b -c")] // Who is left alone.
    [InlineData("a b c", "", "b? c?", "+b +c")] // Perhaps it is "a" that is cut off.
    [InlineData("a b c", "", "b? c!", "-b +c")] // The dead have no say: of "b" decides "a" alone, of "c" "b" has a say.
    [InlineData("a b c d", "b<c", "b! c!", "+b +c")] // Nor do their votes count.
    [InlineData("a b c d", "b<d", "b! c!", "-b +c")]
    [InlineData("a b c", "c<b", "b? c!", "-c -b")] // Who merely refuses keeps its vote.
    [InlineData("a b", "b<a", "", "~b")]
    [InlineData("a b c", "b<a c<a", "c?", "~b")]
    [InlineData("a b c", "a<b a<c", "", "")]
    [InlineData("b c", "b<c", "b!", "")] // Who is not in the table has no say.
    [InlineData("a c", "", "b!", "")]
    public void Two_or_the_only_other_one(string nodes, string votes, string suspects, string expected)
    {
        var plan = EvictionRule.Decide("a/1", Table(Words(nodes), Words(votes).Select(v => (v[..1], v[2..]))), Suspects(suspects));
        var done = plan.Remove.Select(n => $"-{n[..1]}").Concat(plan.Vote.Select(n => $"+{n[..1]}")).Concat(plan.Retract.Select(n => $"~{n[..1]}"));
        done.ShouldBe(Words(expected), ignoreOrder: true);
    }

    [Property(MaxTest = 1000)]
    public void Nobody_is_removed_on_one_voice_while_another_could_speak(int seed)
    {
        var random = new Random(seed);
        var names = "abcdef"[..random.Next(1, 7)].Select(c => $"{c}").ToArray();
        var votes = names.SelectMany(s => names.Select(v => (s, v))).Where(p => p.s != p.v && random.Next(4) == 0).ToArray();
        var suspects = names.Where(_ => random.Next(2) == 0).ToDictionary(n => $"{n}/1", _ => (Suspicion)random.Next(2));
        var table = Table(names, votes);
        var plan = EvictionRule.Decide("a/1", table, suspects);

        plan.Remove.ShouldAllBe(id => suspects.ContainsKey(id) && id != "a/1");
        plan.Vote.ShouldAllBe(id => suspects.ContainsKey(id) && id != "a/1" && !plan.Remove.Contains(id));
        foreach (var id in plan.Remove)
        {
            var others = names.Select(n => $"{n}/1").Where(n => n != id && n != "a/1" && suspects.GetValueOrDefault(n, Suspicion.Refused) != Suspicion.Dead).ToList();
            (others.Count == 0 || table.Votes.Any(v => v.Suspect == id && others.Contains(v.Voter))).ShouldBeTrue();
        }

        // What follows from its own plan is never undone by it.
        var after = table with { Votes = [.. table.Votes, .. plan.Vote.Select(id => new MembershipVote(id, "a/1"))] };
        EvictionRule.Decide("a/1", after, suspects).Vote.ShouldBeEmpty();
        plan.Retract.ShouldAllBe(id => !suspects.ContainsKey(id));
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static Dictionary<string, Suspicion> Suspects(string text) =>
        Words(text).ToDictionary(w => $"{w[..1]}/1", w => w[1] == '!' ? Suspicion.Dead : Suspicion.Refused);

    private static MembershipTable Table(IEnumerable<string> nodes, IEnumerable<(string Suspect, string Voter)> votes) => new(
        1,
        [.. nodes.Select(n => new MemberNode(new ClusterNode(n, "1", NodeRoles.Rooms), 1))],
        [.. votes.Select(v => new MembershipVote($"{v.Suspect}/1", $"{v.Voter}/1"))]);
}
