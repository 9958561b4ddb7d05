using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;
using ClusterChat.TestKit;

namespace ClusterChat.Gateway.Tests.Limits;

public sealed class RoomBudgetTests
{
    private readonly Simulation _time = new(1);

    private readonly GatewayOptions _options = new()
    {
        NewRoomsPerSecondPerUser = 1,
        NewRoomBurstPerUser = 2,
        NewRoomsPerSecondPerAddress = 10,
        NewRoomBurstPerAddress = 5,
        MaxSubscriptions = 0,
    };

    // A bucket takes a clock at zero for one that has not begun.
    public RoomBudgetTests() => _time.RunFor(TimeSpan.FromSeconds(1));

    [Fact]
    public void A_user_asks_for_so_many_a_second_from_wherever()
    {
        var budget = Budget();
        budget.Ask(From("a", "ann")).ShouldBeNull();
        budget.Ask(From("b", "ann")).ShouldBeNull();
        var error = budget.Ask(From("c", "ann")).ShouldNotBeNull();
        error.Code.ShouldBe(ErrorCode.RateLimited);
        error.RetryMs.ShouldBe(1000);
        budget.Ask(From("c", "bob")).ShouldBeNull();
        _time.RunFor(TimeSpan.FromSeconds(1));
        budget.Ask(From("c", "ann")).ShouldBeNull();
        budget.Refused.ShouldBe((1, 0));
    }

    [Fact]
    public void An_address_asks_for_so_many_a_second_whoever_it_says_it_is()
    {
        var budget = Budget();
        for (var i = 0; i < 5; i++)
            budget.Ask(From("a", i % 2 == 0 ? null : $"u{i}")).ShouldBeNull();
        budget.Ask(From("a", "another")).ShouldNotBeNull().Code.ShouldBe(ErrorCode.RateLimited);
        budget.Ask(From("b", "another")).ShouldBeNull();
        budget.Ask(null).ShouldBeNull();
        _time.RunFor(TimeSpan.FromMilliseconds(100));
        budget.Ask(From("a", null)).ShouldBeNull();
    }

    [Fact]
    public void There_are_so_many_in_all_and_a_quarter_of_them_for_one_address()
    {
        _options.MaxSubscriptions = 8;
        _options.NewRoomsPerSecondPerAddress = 0;
        var budget = Budget();
        Take(budget, "a", 2);
        var error = budget.Ask(From("a", null)).ShouldNotBeNull();
        error.Code.ShouldBe(ErrorCode.Busy);
        error.RetryMs.ShouldBeGreaterThan(1000);
        budget.IsNearlyFull.ShouldBeFalse();
        Take(budget, "b", 2);
        Take(budget, "c", 2);
        budget.IsNearlyFull.ShouldBeTrue();
        Take(budget, "d", 2);
        budget.Ask(From("e", null)).ShouldNotBeNull().Code.ShouldBe(ErrorCode.Busy);
        budget.Ask(null).ShouldNotBeNull();

        budget.Remove(From("a", "x"));
        budget.Ask(From("e", null)).ShouldBeNull();
        budget.Ask(From("a", null)).ShouldBeNull();
        budget.Ask(From("b", null)).ShouldNotBeNull();
        budget.Held.ShouldBe(7);
    }

    [Fact]
    public void Without_limits_nobody_is_refused()
    {
        var budget = new RoomBudget(new GatewayOptions { NewRoomsPerSecondPerUser = 0, NewRoomsPerSecondPerAddress = 0, MaxSubscriptions = 0 }, _time.Clock);
        for (var i = 0; i < 20_000; i++)
            budget.Ask(From("a", "ann")).ShouldBeNull();
        budget.IsNearlyFull.ShouldBeFalse();
    }

    [Fact]
    public void By_default_a_client_comes_back_to_all_of_its_rooms_and_500_behind_one_address_to_4_each()
    {
        var budget = new RoomBudget(new GatewayOptions(), _time.Clock);
        for (var client = 0; client < 4; client++)
        {
            for (var room = 0; room < 256; room++)
                budget.Ask(From("home", "ann")).ShouldBeNull();
        }

        for (var client = 0; client < 500; client++)
        {
            for (var room = 0; room < 4; room++)
                budget.Ask(From("office", $"u{client}")).ShouldBeNull();
        }
    }

    private static RoomOrigin From(string address, string? user) => new(address, user);

    private static void Take(RoomBudget budget, string address, int count)
    {
        for (var i = 0; i < count; i++)
        {
            budget.Ask(From(address, null)).ShouldBeNull();
            budget.Add(From(address, null));
        }
    }

    private RoomBudget Budget() => new(_options, _time.Clock);
}
