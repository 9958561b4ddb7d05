using ClusterChat.Cluster.Arbiter;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Cluster.Arbiter;

public sealed class ArbiterViewTests
{
    private readonly InMemoryNodeTable _table = new();
    private readonly List<EvictionNotice> _notices = [];
    private readonly NodeRow _self = new(new NodeKey("a:1", 1), "a", "rooms", NodeState.Joining, 1);
    private readonly NodeRow _other = new(new NodeKey("b:1", 2), "b", "rooms", NodeState.Joining, 0);

    [Fact]
    public async Task Its_number_is_that_of_the_newest_view_with_this_node()
    {
        var view = View();
        (await view.RefreshAsync(default)).ShouldBeFalse();
        view.Number.ShouldBe(0);
        var empty = _table.List;
        _table.Seed(_self);
        view.Registered(_self);
        _table.Seed(_other);

        (await view.RefreshAsync(default)).ShouldBeTrue();
        view.Number.ShouldBe(2);
        view.Learn(empty).ShouldBeTrue(); // From before it came.
        view.Number.ShouldBe(2);
        view.Learn(new NodeList(1, [_self])).ShouldBeTrue(); // Late.
        view.Number.ShouldBe(2);
        _notices.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_end_is_told_once_and_the_number_stays()
    {
        var view = View();
        _table.Seed(_self, _other);
        view.Registered(_self);
        (await view.RefreshAsync(default)).ShouldBeTrue();
        await _table.TryChangeAsync(new NodeChange(2, null, [_self.Key]), default);

        (await view.RefreshAsync(default)).ShouldBeFalse();
        (await view.RefreshAsync(default)).ShouldBeFalse();

        var notice = _notices.ShouldHaveSingleItem();
        notice.ShouldBe(new EvictionNotice(_self.Key, "a", EvictionReason.Evicted, 3));
        notice.ToString().ShouldContain("a:1");
        view.Number.ShouldBe(2);
        view.IsMember.ShouldBeFalse();
        view.TryRetire(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_leaves_is_not_evicted()
    {
        var view = View();
        _table.Seed(_self);
        view.Registered(_self);
        view.TryRetire(out var key).ShouldBeTrue();
        key.ShouldBe(_self.Key);
        await _table.TryChangeAsync(new NodeChange(1, null, [_self.Key]), default);

        (await view.RefreshAsync(default)).ShouldBeFalse();

        _notices.ShouldBeEmpty();
    }

    [Fact]
    public void A_late_list_says_nothing_and_a_table_that_went_back_ends_it()
    {
        var notices = new List<EvictionNotice>();
        var view = new ArbiterView(new InMemoryNodeTable(), "a", notices.Add);
        var row = new NodeRow(new NodeKey("127.0.0.1:1", 1), "a", "rooms", NodeState.Up, 3);
        view.Registered(row);
        view.Learn(new NodeList(7, [row])).ShouldBeTrue();

        view.Learn(new NodeList(6, [])).ShouldBeTrue("it came late");
        view.Learn(new NodeList(8, [row])).ShouldBeTrue();
        view.Number.ShouldBe(8);
        for (var i = 0; i < 4; i++)
            view.Learn(new NodeList(5, [row])).ShouldBeTrue();
        view.Learn(new NodeList(5, [row])).ShouldBeFalse("five in a row do not come late");
        notices.ShouldHaveSingleItem();
        view.IsMember.ShouldBeFalse();
    }

    [Fact]
    public void Limits_that_contradict_each_other_are_refused()
    {
        new ArbiterOptions().Validate();
        Should.Throw<ArgumentException>(new ArbiterOptions { MinorityPatience = TimeSpan.FromMilliseconds(100) }.Validate)
            .Message.ShouldContain(nameof(ArbiterOptions.MinorityPatience));
        Should.Throw<ArgumentException>(new ArbiterOptions { DialPauses = [] }.Validate).Message.ShouldContain(nameof(ArbiterOptions.DialPauses));
        Should.Throw<ArgumentException>(new ArbiterOptions { SilenceLimit = TimeSpan.FromSeconds(1) }.Validate)
            .Message.ShouldContain(nameof(ArbiterOptions.SilenceLimit));
    }

    private ArbiterView View() => new(_table, "a", _notices.Add);
}
