using ClusterChat.Gateway.Connections;

namespace ClusterChat.Gateway.Tests.Connections;

public sealed class FrameGateTests
{
    private readonly FrameGate _gate = new(4);

    [Fact]
    public void Reading_goes_on_when_the_message_was_handled()
    {
        for (var i = 0; i < 3; i++)
        {
            var reading = _gate.Begin();
            reading.IsCompleted.ShouldBeFalse();
            _gate.Handled();
            reading.IsCompletedSuccessfully.ShouldBeTrue();
        }
    }

    [Fact]
    public void With_too_many_unacked_writes_reading_waits_until_half_of_them_are_acked()
    {
        var reading = _gate.Begin();
        for (var i = 0; i < 6; i++)
            _gate.WriteBegun();
        _gate.Handled();
        for (var i = 0; i < 3; i++)
        {
            _gate.WriteAnswered();
            reading.IsCompleted.ShouldBeFalse();
        }

        _gate.WriteAnswered();
        reading.IsCompletedSuccessfully.ShouldBeTrue();
        _gate.Unacked.ShouldBe(2);
    }

    [Fact]
    public void Acks_before_the_message_was_handled_do_not_let_the_next_one_in()
    {
        var reading = _gate.Begin();
        _gate.WriteBegun();
        _gate.WriteAnswered();
        reading.IsCompleted.ShouldBeFalse();
        _gate.Handled();
        reading.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void The_end_of_the_connection_lets_the_reader_go_once()
    {
        var reading = _gate.Begin();
        _gate.Release();
        reading.IsCompletedSuccessfully.ShouldBeTrue();
        _gate.Release();
        _gate.Handled();
        _gate.WriteAnswered();
    }
}
