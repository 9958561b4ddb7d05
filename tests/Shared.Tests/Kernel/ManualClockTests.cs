using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Kernel;

public class ManualClockTests
{
    private readonly ManualClock _clock = new();
    private readonly List<string> _seen = [];

    private ITimer Timer(string name, int due, int period = -1) => _clock.CreateTimer(
        _ => _seen.Add($"{name}@{_clock.Elapsed.TotalMilliseconds}"), null, TimeSpan.FromMilliseconds(due), TimeSpan.FromMilliseconds(period));

    private void Advance(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    [Fact]
    public void Timers_fire_by_due_time_then_by_creation_and_see_their_own_instant()
    {
        Timer("late", 20);
        Timer("first", 10);
        Timer("second", 10);
        Timer("never", -1);
        Advance(30);
        _seen.ShouldBe(["first@10", "second@10", "late@20"]);
        _clock.Elapsed.ShouldBe(TimeSpan.FromMilliseconds(30));
        _clock.NextDue.ShouldBeNull();
    }

    [Fact]
    public void A_timer_of_zero_fires_with_the_next_advance_also_of_zero()
    {
        Timer("t", 0);
        _seen.ShouldBeEmpty();
        _clock.NextDue.ShouldBe(TimeSpan.Zero);
        Advance(0);
        _seen.ShouldBe(["t@0"]);
    }

    [Fact]
    public void A_period_repeats_until_the_timer_is_disposed()
    {
        var timer = Timer("t", 5, 10);
        Advance(25);
        timer.Dispose();
        Advance(100);
        _seen.ShouldBe(["t@5", "t@15", "t@25"]);
        timer.Change(TimeSpan.Zero, TimeSpan.Zero).ShouldBeFalse();
    }

    [Fact]
    public void A_changed_timer_forgets_its_old_time()
    {
        var timer = Timer("t", 5);
        timer.Change(TimeSpan.FromMilliseconds(50), Timeout.InfiniteTimeSpan).ShouldBeTrue();
        Advance(49);
        _seen.ShouldBeEmpty();
        Advance(1);
        _seen.ShouldBe(["t@50"]);
    }

    [Fact]
    public void A_timer_may_start_another_that_is_due_on_the_way()
    {
        _clock.CreateTimer(_ => Timer("inner", 10), null, TimeSpan.FromMilliseconds(10), Timeout.InfiniteTimeSpan);
        Advance(100);
        _seen.ShouldBe(["inner@20"]);
    }

    [Fact]
    public void The_wall_clock_can_jump_without_the_monotonic_one()
    {
        Timer("t", 10);
        _clock.JumpUtc(TimeSpan.FromDays(-1));
        _clock.GetUtcNow().ShouldBe(ManualClock.DefaultStart.AddDays(-1));
        _clock.GetTimestamp().ShouldBe(0);
        _seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_drives_delays_and_cancellation_of_the_framework()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(5), _clock);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(6), _clock);
        Advance(5000);
        await delay;
        cancellation.IsCancellationRequested.ShouldBeFalse();
        Advance(1000);
        cancellation.IsCancellationRequested.ShouldBeTrue();
    }
}
