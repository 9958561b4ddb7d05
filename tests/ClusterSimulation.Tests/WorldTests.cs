using ClusterChat.ClusterSimulation.Kernel;

namespace ClusterChat.ClusterSimulation.Tests;

/// <summary>Virtual time, processes, and the guard of the thread.</summary>
public class WorldTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SimWorld _world = new(3);
    private readonly SimNode _node;
    private int _count;

    public WorldTests() => _node = new SimNode(_world, "n1");

    [Fact]
    public void A_timer_that_fell_due_many_times_in_a_pause_fires_once()
    {
        using var timer = Timer();
        _world.RunFor(Second * 3);
        _count.ShouldBe(3);
        _node.Pause();
        _world.RunFor(Second * 10);
        _count.ShouldBe(3);
        _node.Resume();
        _world.RunFor(TimeSpan.Zero);
        _count.ShouldBe(4);
        _world.RunFor(Second * 2);
        _count.ShouldBe(6);
    }

    [Fact]
    public void Nothing_of_a_killed_process_runs()
    {
        using var timer = Timer();
        _node.Schedule((Action)(() => _count++));
        _node.Kill();
        _world.RunFor(Second * 3);
        _node.Enter(() => _count++);
        _count.ShouldBe(0);
    }

    [Fact]
    public void An_await_comes_back_to_the_process()
    {
        TimeSpan? at = null;
        SimNode? where = null;
        _node.Enter(() => _ = DelayAsync());
        _world.RunFor(Second * 5);
        at.ShouldBe(Second * 2);
        where.ShouldBe(_node);

        async Task DelayAsync()
        {
            await Task.Delay(Second * 2, _node.Clock);
            (at, where) = (_world.Now, SimNode.Current);
        }
    }

    [Fact]
    public void Work_from_another_thread_breaks_the_world()
    {
        Exception? intrusion = null;
        // Not a task: its thread could be the very one that this test began on.
        var thread = new Thread(() => intrusion = Record.Exception(() => _node.Schedule((Action)(() => _count++))));
        thread.Start();
        thread.Join();
        intrusion.ShouldBeOfType<InvalidOperationException>();
        Should.Throw<InvalidOperationException>(() => _world.RunFor(Second)).Message.ShouldContain("another thread");
    }

    private ITimer Timer() => _node.Clock.CreateTimer(_ => _count++, null, Second, Second);
}
