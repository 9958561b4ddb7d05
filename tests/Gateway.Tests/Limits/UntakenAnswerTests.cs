using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.Tests.WebSockets;
using ClusterChat.TestKit;

namespace ClusterChat.Gateway.Tests.Limits;

/// <summary>Answers over HTTP that their clients do not read.</summary>
public sealed class UntakenAnswerTests
{
    private readonly Simulation _time = new(1);
    private readonly ClientOutput _output;
    private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly UntakenAnswer _answer;
    private long _taken;

    public UntakenAnswerTests()
    {
        _output = new ClientOutput(new GatewayOptions { OutputBytes = 1000 }, _time.Clock);
        _answer = new UntakenAnswer(_output, () => _taken, _cut.SetResult);
    }

    [Fact]
    public async Task Who_takes_nothing_for_too_long_is_cut_once()
    {
        _answer.Begin(100);
        SweepAfter(29);
        _cut.Task.IsCompleted.ShouldBeFalse();
        SweepAfter(2);
        SweepAfter(10);
        await _cut.Task.InTime();
        _output.Budget.Held.ShouldBe(100, "until the write has failed");
        _answer.End();
        _output.Budget.Held.ShouldBe(0);
    }

    [Fact]
    public void Who_takes_a_little_now_and_then_is_served()
    {
        _answer.Begin(100);
        for (var i = 0; i < 100; i++)
        {
            _taken++;
            SweepAfter(29);
        }

        _answer.End();
        SweepAfter(100);
        _answer.Begin(100);
        SweepAfter(29);
        _cut.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task For_whom_most_is_held_is_cut_where_there_is_too_much()
    {
        var other = new UntakenAnswer(_output, () => 0, () => throw new InvalidOperationException("it holds little"));
        other.Begin(200);
        _answer.Begin(801);
        await _cut.Task.InTime();
        _output.Budget.GivenUp.ShouldBe(1);
    }

    [Fact]
    public void The_budget_is_by_itself_an_eighth_of_what_the_process_may_have()
        => new ClientOutput(new GatewayOptions(), _time.Clock).Budget.Most.ShouldBe(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8);

    private void SweepAfter(int seconds)
    {
        _time.RunFor(TimeSpan.FromSeconds(seconds));
        _output.Sweep();
    }
}
