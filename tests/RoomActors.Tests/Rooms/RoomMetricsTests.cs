using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>What rooms show of themselves.</summary>
public sealed class RoomMetricsTests
{
    private readonly RoomWorld _world = new();

    [Fact]
    public void An_append_is_counted_by_what_became_of_it_and_its_time_is_that_of_the_journal()
    {
        var gateway = _world.Gateway().Connect();
        _world.Gate.Stop(JournalOperation.Append, JournalStage.Request);
        gateway.Write("a");
        _world.RunForMs(300);
        _world.Gate.Release(JournalOperation.Append);
        _world.Run();

        _world.Meters.Value("clusterchat_appends_total", "status=committed").ShouldBe(1);
        _world.Meters.Value("clusterchat_append_duration_seconds_sum").ShouldBe(0.3, 0.01);
        _world.Meters.Value("clusterchat_decide_duration_seconds_count").ShouldBe(1);
        _world.Meters.Value("clusterchat_room_open_duration_seconds_count").ShouldBe(1);
        _world.Meters.Value("clusterchat_rooms_active").ShouldBe(1);
    }

    [Fact]
    public void A_fenced_append_and_the_opening_after_it_are_counted()
    {
        _world.CommitElsewhere("w");
        var gateway = _world.Gateway().Connect();
        _world.CommitElsewhere("x");
        gateway.Write("a");
        _world.Run();

        _world.Meters.Value("clusterchat_appends_total", "status=fenced").ShouldBe(1);
        _world.Meters.Value("clusterchat_appends_total", "status=committed").ShouldBe(1);
        _world.Meters.Value("clusterchat_room_open_duration_seconds_count").ShouldBe(2);
        _world.Meters.Value("clusterchat_room_open_failures_total").ShouldBe(0);
    }
}
