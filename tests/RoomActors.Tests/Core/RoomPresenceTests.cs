using ClusterChat.Cluster;
using ClusterChat.RoomActors.Rooms;
using FsCheck;
using FsCheck.Xunit;

namespace ClusterChat.RoomActors.Tests.Core;

/// <summary>A step of a random life of a room's presence.</summary>
public sealed record PresenceStep(byte Kind, byte Gateway, byte User, byte Name, byte[] Others);

public sealed class RoomPresenceTests
{
    [Property(MaxTest = 500, EndSize = 40)]
    public void It_is_the_sum_of_what_the_gateways_say(PresenceStep[] steps)
    {
        var presence = new RoomPresence();
        var claims = new List<(string Gateway, Member Member)>();
        var told = new HashSet<string>();
        foreach (var step in steps)
        {
            var gateway = $"gw{step.Gateway % 3}";
            var member = Of(step.User, step.Name);
            switch (step.Kind % 5)
            {
                case 0 or 1:
                    presence.Add(gateway, member);
                    Claim(claims, gateway, member);
                    break;
                case 2:
                    presence.Remove(gateway, member);
                    claims.Remove((gateway, member));
                    break;
                case 3:
                    // A gateway never has one name twice: it keeps its members by name.
                    var members = step.Others.Select(o => Of((byte)(o / 4), o)).DistinctBy(m => m.Name).ToList();
                    presence.Replace(gateway, members);
                    claims.RemoveAll(c => c.Gateway == gateway && !members.Contains(c.Member));
                    foreach (var one in members)
                        Claim(claims, gateway, one);
                    break;
                default:
                    var (joined, left) = presence.TakeChanges();
                    joined.ShouldBeUnique();
                    joined.ShouldAllBe(n => !told.Contains(n));
                    left.ShouldAllBe(n => told.Contains(n));
                    told.ExceptWith(left);
                    told.UnionWith(joined);
                    told.Order(StringComparer.Ordinal).ShouldBe(Names(claims));
                    presence.HasChanges.ShouldBeFalse();
                    break;
            }

            Check(presence, claims);

            // Lists are of what was told, whatever has changed since.
            presence.List(string.Empty, 100).Names.ShouldBe(told.Order(StringComparer.Ordinal));
            presence.ToldCount.ShouldBe(told.Count);
        }
    }

    [Fact]
    public void A_name_that_two_users_brought_goes_to_the_second_when_the_first_leaves()
    {
        var presence = new RoomPresence();
        presence.Add("gw1", Make.Member("u1", "ann"));
        presence.Add("gw2", Make.Member("u2", "ann"));
        presence.IsTaken(Make.Member("u2", "ann")).ShouldBeTrue();

        presence.Remove("gw1", Make.Member("u1", "ann"));
        presence.Count.ShouldBe(1);
        presence.IsTaken(Make.Member("u2", "ann")).ShouldBeFalse();
        presence.IsTaken(Make.Member("u1", "ann")).ShouldBeTrue();
    }

    [Fact]
    public void A_name_that_looks_like_one_in_the_room_is_taken_for_others_until_it_leaves()
    {
        var presence = new RoomPresence();
        presence.Add("gw", Make.Member("u1", "Ann"));
        string[] alike = ["Ann", "ann", "аnn", "Аnn"];
        foreach (var name in alike)
        {
            presence.IsTaken(Make.Member("u2", name)).ShouldBeTrue(name);
            presence.IsTaken(Make.Member("u1", name)).ShouldBeFalse(name);
        }

        presence.IsTaken(Make.Member("u2", "anna")).ShouldBeFalse();
        presence.Remove("gw", Make.Member("u1", "Ann"));
        alike.ShouldAllBe(name => !presence.IsTaken(Make.Member("u2", name)));
    }

    [Fact]
    public void Of_names_that_look_alike_and_came_at_once_the_first_one_s_user_has_them()
    {
        var presence = new RoomPresence();
        presence.Add("gw1", Make.Member("u1", "ann"));
        presence.Add("gw2", Make.Member("u2", "аnn"));
        presence.IsTaken(Make.Member("u1", "ann")).ShouldBeFalse();
        presence.IsTaken(Make.Member("u2", "аnn")).ShouldBeTrue();

        presence.Remove("gw1", Make.Member("u1", "ann"));
        presence.IsTaken(Make.Member("u2", "аnn")).ShouldBeFalse();
        presence.IsTaken(Make.Member("u1", "ann")).ShouldBeTrue();
    }

    [Fact]
    public void Who_was_refused_a_name_does_not_take_it_from_its_owner_by_leaving()
    {
        var presence = new RoomPresence();
        presence.Add("gw", Make.Member("u1", "ann"));
        presence.Remove("gw", Make.Member("u2", "ann"));
        presence.Count.ShouldBe(1);
    }

    [Fact]
    public void Pages_of_names_follow_each_other_without_a_gap()
    {
        var presence = new RoomPresence();
        foreach (var name in new[] { "d", "a", "c", "B", "é" })
            presence.Add("gw", Make.Member(name));
        presence.TakeChanges();
        presence.List("", 2).ShouldSatisfyAllConditions(p => p.Names.ShouldBe(["B", "a"]), p => p.More.ShouldBeTrue());
        presence.List("a", 2).ShouldSatisfyAllConditions(p => p.Names.ShouldBe(["c", "d"]), p => p.More.ShouldBeTrue());
        presence.List("d", 2).ShouldSatisfyAllConditions(p => p.Names.ShouldBe(["é"]), p => p.More.ShouldBeFalse());
        presence.List("é", 2).Names.ShouldBeEmpty();

        // With what is not told yet.
        presence.Remove("gw", Make.Member("c"));
        presence.Add("gw", Make.Member("b"));
        presence.List("a", 1).ShouldSatisfyAllConditions(p => p.Names.ShouldBe(["c"]), p => p.More.ShouldBeTrue());
        presence.List("c", 2).ShouldSatisfyAllConditions(p => p.Names.ShouldBe(["d", "é"]), p => p.More.ShouldBeFalse());
    }

    private static Member Of(byte user, byte name) => new($"u{user % 3}", $"n{name % 4}");

    private static void Claim(List<(string Gateway, Member Member)> claims, string gateway, Member member)
    {
        // One user a name and gateway; the first one is kept.
        if (!claims.Any(c => c.Gateway == gateway && c.Member.Name == member.Name))
            claims.Add((gateway, member));
    }

    private static IEnumerable<string> Names(IEnumerable<(string Gateway, Member Member)> claims)
        => claims.Select(c => c.Member.Name).Distinct().Order(StringComparer.Ordinal);

    private static void Check(RoomPresence presence, List<(string Gateway, Member Member)> claims)
    {
        presence.Count.ShouldBe(Names(claims).Count());
        foreach (var name in Names(claims))
        {
            var users = claims.Where(c => c.Member.Name == name).Select(c => c.Member.User).Distinct().ToList();
            var free = new[] { "u0", "u1", "u2" }.Where(u => !presence.IsTaken(new Member(u, name))).ToList();
            free.Count.ShouldBe(1);
            users.ShouldContain(free[0]);
        }
    }
}
