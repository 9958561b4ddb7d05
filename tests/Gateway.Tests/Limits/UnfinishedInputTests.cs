using ClusterChat.Gateway.Limits;
using ClusterChat.TestKit;

namespace ClusterChat.Gateway.Tests.Limits;

/// <summary>What has begun has to go on: 240 bytes a second, looked at every 20 s.</summary>
public sealed class UnfinishedInputTests
{
    private readonly ManualClock _clock = new();
    private readonly UnfinishedInput _unfinished;
    private readonly Half _half = new();

    public UnfinishedInputTests()
    {
        _unfinished = new UnfinishedInput(0, TimeSpan.FromSeconds(20), 240, _clock);
        _unfinished.Begin(_half);
    }

    [Fact]
    public void What_does_not_go_on_is_ended_once()
    {
        Pass(19);
        _half.Stalls.ShouldBe(0);
        Pass(100);

        _half.Stalls.ShouldBe(1);
        _unfinished.Stalled.ShouldBe(1);
    }

    [Fact]
    public void However_much_came_at_first_its_time_is_the_same()
    {
        _half.Arrived = 65_000;
        Pass(41);

        _half.Stalls.ShouldBe(1);
    }

    [Fact]
    public void A_phone_that_sends_2_KB_a_second_gets_through()
    {
        for (var i = 0; i < 300; i++)
        {
            _half.Arrived += 2000;
            Pass(1);
        }

        _half.Stalls.ShouldBe(0);
    }

    [Fact]
    public void A_phone_that_is_away_for_15_seconds_gets_through()
    {
        for (var i = 0; i < 10; i++)
        {
            _half.Arrived += 20_000;
            Pass(16);
        }

        _half.Stalls.ShouldBe(0);
    }

    [Fact]
    public void Who_sends_a_byte_now_and_then_is_ended()
    {
        for (var i = 0; i < 30; i++)
        {
            _half.Arrived++;
            Pass(1);
        }

        _half.Stalls.ShouldBe(1);
    }

    [Fact]
    public void While_it_is_not_the_clients_turn_no_time_passes()
    {
        Pass(15);
        _half.Arrived = null;
        Pass(60);
        _half.Arrived = 0;
        Pass(15);
        _half.Stalls.ShouldBe(0);

        Pass(10);
        _half.Stalls.ShouldBe(1);
    }

    [Fact]
    public void A_new_one_has_its_own_time()
    {
        _half.Arrived = 10_000;
        Pass(15);
        _half.Arrived = 10;
        Pass(15);

        _half.Stalls.ShouldBe(0);
    }

    [Fact]
    public void What_is_whole_is_left_alone()
    {
        Pass(15);
        _unfinished.End(_half);
        Pass(100);
        _half.Stalls.ShouldBe(0);

        _unfinished.Begin(_half);
        Pass(15);
        _half.Stalls.ShouldBe(0);
    }

    private void Pass(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            _unfinished.Sweep();
        }
    }

    private sealed class Half : IUnfinished
    {
        public long? Arrived { get; set; } = 0;

        public int Stalls { get; private set; }

        public long HeldBytes => 0;

        public void Stall() => Stalls++;

        public void GiveUp() => throw new NotSupportedException();
    }
}
