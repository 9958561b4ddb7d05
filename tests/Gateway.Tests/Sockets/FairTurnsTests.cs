using ClusterChat.Gateway.Sockets;

namespace ClusterChat.Gateway.Tests.Sockets;

public sealed class FairTurnsTests
{
    [Fact]
    public void Who_comes_alone_does_not_wait_behind_a_crowd()
    {
        var turns = new FairTurns(2);
        var crowd = Enumerable.Range(0, 10).Select(_ => turns.WaitAsync("crowd")).ToList();
        var alone = turns.WaitAsync("alone");
        crowd.Count(t => t.IsCompleted).ShouldBe(2);

        turns.Release();
        turns.Release();

        alone.IsCompleted.ShouldBeTrue();
        crowd.Count(t => t.IsCompleted).ShouldBe(3);
    }

    [Fact]
    public void There_are_never_more_turns_than_at_first_and_none_is_lost()
    {
        var turns = new FairTurns(2);
        var all = Enumerable.Range(0, 20).Select(i => turns.WaitAsync($"{i % 3}")).ToList();
        for (var i = 2; i < 20; i++)
        {
            all.Count(t => t.IsCompleted).ShouldBe(i);
            turns.Release();
        }

        turns.Release();
        turns.Release();
        turns.WaitAsync("a").IsCompleted.ShouldBeTrue();
        turns.WaitAsync("a").IsCompleted.ShouldBeTrue();
        turns.WaitAsync("a").IsCompleted.ShouldBeFalse();
    }
}
