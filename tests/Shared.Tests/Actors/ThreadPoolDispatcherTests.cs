using System.Collections.Concurrent;
using ClusterChat.Actors;

namespace ClusterChat.Shared.Tests.Actors;

/// <summary>Which thread a work runs on.</summary>
public sealed class ThreadPoolDispatcherTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);
    private readonly ThreadPoolDispatcher _dispatcher = ThreadPoolDispatcher.Instance;
    private readonly ConcurrentQueue<(string Name, int Thread)> _ran = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task What_a_work_schedules_follows_it_on_its_thread_in_that_order()
    {
        _dispatcher.Schedule(Work("first", () =>
        {
            _dispatcher.Schedule(Work("second", () => _dispatcher.Schedule(Work("fourth", _done.SetResult))));
            _dispatcher.Schedule(Work("third"));
        }));
        await _done.Task.WaitAsync(Guard, TimeProvider.System);

        _ran.Select(r => r.Name).ShouldBe(["first", "second", "third", "fourth"]);
        _ran.Select(r => r.Thread).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_work_that_schedules_itself_lets_others_of_its_thread_go_first()
    {
        var again = false;
        IRunnable first = null!;
        first = Work("first", () =>
        {
            if (again)
            {
                _done.SetResult();
                return;
            }

            again = true;
            _dispatcher.Schedule(Work("other"));
            _dispatcher.Schedule(first);
        });
        _dispatcher.Schedule(first);
        await _done.Task.WaitAsync(Guard, TimeProvider.System);

        _ran.Select(r => r.Name).ShouldBe(["first", "other", "first"]);
    }

    [Fact]
    public async Task More_than_a_thread_takes_on_runs_on_others_while_it_is_busy()
    {
        using var elsewhere = new ManualResetEventSlim();
        var busy = 0;
        _dispatcher.Schedule(Work("first", () =>
        {
            busy = Environment.CurrentManagedThreadId;
            for (var i = 0; i < 20; i++)
            {
                _dispatcher.Schedule(Work("next", () =>
                {
                    if (Environment.CurrentManagedThreadId != busy)
                        elsewhere.Set();
                }));
            }

            Set(elsewhere.Wait(Guard));
        }));
        await _done.Task.WaitAsync(Guard, TimeProvider.System);
    }

    [Fact]
    public async Task A_helper_runs_beside_who_called_it()
    {
        using var helped = new ManualResetEventSlim();
        _dispatcher.Schedule(Work("first", () =>
        {
            _dispatcher.ScheduleApart(Work("helper", helped.Set));
            Set(helped.Wait(Guard));
        }));
        await _done.Task.WaitAsync(Guard, TimeProvider.System);
    }

    [Fact]
    public async Task A_long_chain_goes_on_after_others_had_their_turn_and_loses_nothing()
    {
        var left = 1000;
        IRunnable link = null!;
        link = Work("link", () =>
        {
            if (--left == 0)
                _done.SetResult();
            else
                _dispatcher.Schedule(link);
        });
        _dispatcher.Schedule(link);
        await _done.Task.WaitAsync(Guard, TimeProvider.System);

        _ran.Count.ShouldBe(1000);
    }

    private void Set(bool happened)
    {
        if (happened)
            _done.SetResult();
        else
            _done.SetException(new TimeoutException("Nobody else ran it."));
    }

    private Inline Work(string name, Action? run = null) => new(() =>
    {
        _ran.Enqueue((name, Environment.CurrentManagedThreadId));
        run?.Invoke();
    });

    private sealed class Inline(Action run) : IRunnable
    {
        public void Run() => run();
    }
}
