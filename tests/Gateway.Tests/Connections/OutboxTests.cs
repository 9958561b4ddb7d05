using System.Text;
using ClusterChat.Gateway.Connections;
using ClusterChat.Protocol;
using ClusterChat.TestKit;

namespace ClusterChat.Gateway.Tests.Connections;

public sealed class OutboxTests
{
    private readonly Simulation _simulation = new(1);
    private readonly FakeTransport _transport = new();
    private readonly Outbox _outbox;
    private int _broken;

    public OutboxTests()
        => _outbox = new Outbox(_transport, new Lanes(_simulation.Mailboxes, 1), _simulation.Clock, 100) { Broken = () => _broken++ };

    [Fact]
    public void What_has_gathered_goes_out_as_one_unit_in_order()
    {
        Append("a", "b");
        _transport.Wire.ShouldBeEmpty();
        Run();
        Append("c");
        Run();
        _transport.Wire.ShouldBe(["a|b", "c"]);
        _outbox.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void While_a_unit_is_being_taken_the_next_one_gathers()
    {
        _transport.IsSlow = true;
        Append("a");
        Run();
        Append("b");
        Run();
        Append("c");
        Run();
        _transport.Wire.ShouldBe(["a"]);
        _outbox.IsIdle.ShouldBeFalse();
        Take();
        _transport.Wire.ShouldBe(["a", "b|c"]);
        Take();
        _outbox.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void Over_its_limit_a_client_that_takes_nothing_is_closed_as_slow_and_sent_nothing_more()
    {
        _transport.IsSlow = true;
        Append("first");
        Run();
        Append(new string('x', 60), new string('y', 40));
        Append("a burst");
        _outbox.Closing.ShouldBeNull("it has had no time to take anything");
        _simulation.Clock.Advance(TimeSpan.FromSeconds(1.1));
        Append("z");
        _outbox.Closing.ShouldBe(CloseReason.Slow);
        Append("later");
        Run();
        Take();
        _transport.Wire.Count.ShouldBe(2);
        _transport.Wire[1].ShouldStartWith("close 3008 ");
    }

    [Fact]
    public void Over_eight_times_its_limit_anybody_is_closed()
    {
        _transport.IsSlow = true;
        Append(new string('x', 100));
        Run();
        for (var i = 1; i < 8; i++)
        {
            Append(new string('x', 100));
            _outbox.Closing.ShouldBeNull();
        }

        Append("z");
        _outbox.Closing.ShouldBe(CloseReason.Slow);
    }

    [Fact]
    public void From_half_of_the_limit_on_what_may_be_lost_is_left_out()
    {
        Append(new string('x', 50));
        _outbox.Append(Bytes("typing"), droppable: true);
        _outbox.Append(Bytes("dropped"), droppable: true);
        Append("kept");
        Run();
        _transport.Lines.Skip(1).ShouldBe(["typing", "kept"]);
    }

    [Fact]
    public void It_closes_after_what_waits_and_for_the_first_reason()
    {
        Append("a");
        _outbox.Close(CloseReason.Rate, "rate");
        _outbox.Close(CloseReason.Normal, "normal");
        Append("b");
        _outbox.Ping();
        Run();
        _transport.Wire.ShouldBe(["a", "close 3013 rate"]);
        _outbox.IsIdle.ShouldBeTrue();
        _simulation.RunFor(TimeSpan.FromSeconds(3));
        _outbox.ClosingFor.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_ping_goes_out_behind_what_waits()
    {
        _outbox.Ping();
        Append("a");
        Run();
        _transport.Wire.ShouldBe(["a", "ping"]);
        _outbox.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void A_ping_goes_out_before_what_comes_later_also_where_something_comes_all_the_time()
    {
        _transport.IsSlow = true;
        Append("a");
        Run();
        Append("b");
        var first = _outbox.Ping();
        Append("c");
        _outbox.Ping().ShouldBe(first);
        Take();
        Append("d");
        var second = _outbox.Ping();
        second.ShouldBe(first + 1);
        for (var i = 0; i < 4; i++)
            Take();
        _transport.Wire.ShouldBe(["a", "b|c", "ping", "d", "ping"]);
        _transport.Pings.ShouldBe([first, second]);
    }

    [Fact]
    public void Calls_to_the_wire_never_overlap_whatever_comes_in_between()
    {
        _transport.IsSlow = true;
        Append("a");
        Run();
        _outbox.Ping();
        Append("b");
        _outbox.Close(CloseReason.Shutdown, "bye");
        Run();
        for (var i = 0; i < 3 && !_outbox.IsIdle; i++)
            Take();
        _transport.Wire.ShouldBe(["a", "b", "close 3001 bye"]);
        _outbox.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void Whoever_waits_for_it_to_be_low_hears_so_once()
    {
        _outbox.IsLow(() => throw new InvalidOperationException()).ShouldBeTrue();
        _transport.IsSlow = true;
        Append("a");
        Run();
        Append(new string('x', 26));
        var calls = new List<string>();
        _outbox.IsLow(() => calls.Add("one")).ShouldBeFalse();
        _outbox.IsLow(() => calls.Add("two")).ShouldBeFalse();
        Run();
        calls.ShouldBeEmpty();
        Take();
        calls.ShouldBe(["one", "two"]);
        Append("b");
        Take();
        calls.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_broken_wire_is_told_once_and_nothing_is_written_any_more(bool later)
    {
        _transport.IsSlow = later;
        _transport.IsBroken = !later;
        Append("a");
        Run();
        if (later)
            _transport.Break();
        Run();
        _broken.ShouldBe(1);
        Append("b");
        _outbox.Close(CloseReason.Normal, "normal");
        Run();
        _transport.Wire.Count.ShouldBe(later ? 1 : 0);
        _broken.ShouldBe(1);
        _outbox.IsIdle.ShouldBeTrue();
        _outbox.Closing.ShouldNotBeNull();
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private void Append(params string[] lines)
    {
        foreach (var line in lines)
            _outbox.Append(Bytes(line));
    }

    private void Run() => _simulation.RunUntilIdle();

    private void Take()
    {
        _transport.Take();
        Run();
    }
}
