using Akka.Actor;
using Akka.Event;
using ClusterChat.Actors;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Actors;

/// <summary>What is counted of messages that nobody took, and of actors that failed.</summary>
public sealed class ActorMetricsTests : IAsyncLifetime
{
    private readonly ActorSystem _system = ActorSystem.Create("test", "akka { loggers = [], stdout-loglevel = OFF, log-dead-letters = off }");
    private readonly MeterReader _meters = new();

    [Fact]
    public async Task Dead_letters_are_counted_by_type_and_those_that_are_expected_are_not()
    {
        await StartAsync();
        _system.DeadLetters.Tell(new Lost(), ActorRefs.NoSender);
        _system.DeadLetters.Tell(new Expected(), ActorRefs.NoSender);
        _system.DeadLetters.Tell(new Lost(), ActorRefs.NoSender);
        await CountedAsync();

        _meters.Value("clusterchat_actors_dead_letters_total", "kind=Lost").ShouldBe(2);
        _meters.Read().Values.SelectMany(f => f.Samples).ShouldNotContain(s => s.Labels.Any(l => l.Value == nameof(Expected)));
    }

    [Fact]
    public async Task Beyond_a_number_of_types_the_rest_counts_together()
    {
        await StartAsync();
        var types = typeof(object).Assembly.GetTypes().Where(t => t is { IsValueType: true, IsGenericType: false, IsPublic: true, IsByRefLike: false, IsEnum: true }).Take(80).ToList();
        types.Count.ShouldBe(80);
        foreach (var type in types)
        {
            _system.DeadLetters.Tell(Enum.ToObject(type, 0), ActorRefs.NoSender);
        }

        await CountedAsync();

        var samples = _meters.Read().Values.SelectMany(f => f.Samples).Where(s => s.Name == "clusterchat_actors_dead_letters_total" && s.Labels.Count > 0).ToList();
        samples.Count.ShouldBe(65);
        samples.Single(s => s.Labels.Any(l => l.Value == "other")).Value.ShouldBeGreaterThanOrEqualTo(16);
    }

    [Fact]
    public async Task An_actor_that_fails_is_counted()
    {
        await StartAsync();
        var actor = _system.ActorOf(Props.Create(() => new Failing()));
        actor.Tell("fail", ActorRefs.NoSender);
        (await actor.Ask<string>("still there?", TimeSpan.FromSeconds(30))).ShouldBe("yes");
        await CountedAsync();

        _meters.Value("clusterchat_actors_failures_total").ShouldBe(1);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        _meters.Dispose();
    }

    /// <summary>Starts it, and waits until it listens.</summary>
    private async Task StartAsync()
    {
        ActorMetrics.Start(_system, _meters.Meters);
        await CountedAsync();
    }

    /// <summary>Waits until what was published before has been counted.</summary>
    private Task<ActorIdentity> CountedAsync() => _system.ActorSelection("/user/actor-metrics").Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(30));

    private sealed record Lost;

    private sealed record Expected : IDeadLetterSuppression;

    private sealed class Failing : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is "fail")
                throw new InvalidOperationException("as asked");
            Sender.Tell("yes", Self);
        }
    }
}
