using System.Globalization;
using ClusterChat.Cluster;
using ClusterChat.RoomActors.Rooms;
using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests.Core;

/// <summary>The names that a node holds: for whom, for how long, and how many.</summary>
public sealed class HeldNamesTests
{
    private readonly ManualClock _clock = new();
    private readonly RoomOptions _options = new();
    private readonly HeldNames _names;

    public HeldNamesTests() => _names = new HeldNames(_options, _clock);

    [Fact]
    public void A_name_is_held_in_its_room_and_for_its_time()
    {
        _names.Add("a", Make.Member("u1", "ann"));
        HolderOf("a", "ann").ShouldBe("u1");
        HolderOf("b", "ann").ShouldBeNull();
        HolderOf("a", "bob").ShouldBeNull();

        _clock.Advance(_options.NameHeldFor - TimeSpan.FromSeconds(1));
        _names.Find("a", Make.Member("u2", "ann"))!.Value.Left.ShouldBe(TimeSpan.FromSeconds(1));
        _names.Count.ShouldBe(1);

        _clock.Advance(TimeSpan.FromSeconds(1));
        HolderOf("a", "ann").ShouldBeNull();
        (_names.Count, _names.PushedOut).ShouldBe((0, 0));
        _names.Any("a").ShouldBeFalse();
    }

    [Fact]
    public void Names_that_look_like_it_are_held_with_it_and_given_up_with_it()
    {
        string[] alike = ["Ian", "ian", "lan", "Ian"];
        _names.Add("a", Make.Member("u1", "Ian"));
        alike.ShouldAllBe(name => HolderOf("a", name) == "u1");
        HolderOf("a", "Iann").ShouldBeNull();

        _names.Remove("a", Make.Member("u2", "Ian"));
        HolderOf("a", "Ian").ShouldBe("u1", "it is not the other one's to give up");
        _names.Remove("a", Make.Member("u1", "ian"));
        alike.ShouldAllBe(name => HolderOf("a", name) == null);
    }

    [Fact]
    public void Of_two_who_had_it_at_once_the_first_one_keeps_it_and_who_loses_it_again_has_it_for_the_whole_time()
    {
        _names.Add("a", Make.Member("u1", "ann"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        _names.Add("a", Make.Member("u2", "Ann"));
        HolderOf("a", "ann").ShouldBe("u1");

        _names.Add("a", Make.Member("u1", "ann"));
        _names.Find("a", Make.Member("u2", "ann"))!.Value.Left.ShouldBe(_options.NameHeldFor);
        _names.Count.ShouldBe(1);
    }

    [Fact]
    public void Of_one_user_in_a_room_the_newest_are_held()
    {
        for (var i = 0; i < 6; i++)
            _names.Add("a", Make.Member("u1", Name(i)));
        _names.Add("a", Make.Member("u2", "other"));
        _names.Add("b", Make.Member("u1", Name(0)));
        Enumerable.Range(0, 6).Select(i => HolderOf("a", Name(i)) is not null).ShouldBe([false, false, true, true, true, true]);
        (_names.Count, _names.PushedOut).ShouldBe((6, 2));
    }

    [Fact]
    public void Of_a_room_the_newest_are_held()
    {
        _options.NamesHeldPerRoom = 3;
        _names.Add("b", Make.Member("v"));
        for (var i = 0; i < 5; i++)
            _names.Add("a", Make.Member(Name(i)));
        Enumerable.Range(0, 5).Select(i => HolderOf("a", Name(i)) is not null).ShouldBe([false, false, true, true, true]);
        HolderOf("b", "v").ShouldBe("v");
    }

    [Fact]
    public void Of_all_rooms_the_newest_are_held()
    {
        _options.NamesHeldPerNode = 3;
        for (var i = 0; i < 5; i++)
            _names.Add(Name(i), Make.Member("ann"));
        Enumerable.Range(0, 5).Select(i => HolderOf(Name(i), "ann") is not null).ShouldBe([false, false, true, true, true]);
        _names.Count.ShouldBe(3);
    }

    [Fact]
    public void None_are_held_where_there_is_no_room_for_any()
    {
        _options.NamesHeldPerRoom = 0;
        _names.Add("a", Make.Member("ann"));
        _names.Count.ShouldBe(0);
    }

    [Fact]
    public void What_is_taken_from_one_node_is_held_by_the_next_for_what_is_left_of_its_time()
    {
        _names.Add("a", Make.Member("u1", "ann"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        _names.Add("a", Make.Member("u2", "bob"));
        _names.Add("b", Make.Member("u3", "cy"));
        var taken = _names.Take("a");
        taken.ShouldBe([new HeldName("u1", "ann", 120_000), new HeldName("u2", "bob", 180_000)]);
        _names.Any("a").ShouldBeFalse();
        HolderOf("b", "cy").ShouldBe("u3");

        var next = new HeldNames(_options, _clock);
        next.Add("a", [.. taken, new HeldName("u4", "dee", long.MaxValue), new HeldName("u5", "eve", 0)]);
        next.Find("a", Make.Member("x", "ann"))!.Value.ShouldBe(new NameHold("u1", TimeSpan.FromMinutes(2)));
        next.Find("a", Make.Member("x", "dee"))!.Value.Left.ShouldBe(_options.NameHeldFor, "no node says for how long others hold names");
        next.Find("a", Make.Member("x", "eve")).ShouldBeNull();
    }

    private static string Name(int i) => "n" + i.ToString(CultureInfo.InvariantCulture);

    private string? HolderOf(string room, string name) => _names.Find(room, Make.Member("somebody", name))?.User;
}
