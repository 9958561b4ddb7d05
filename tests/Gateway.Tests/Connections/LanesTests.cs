using System.Text;
using ClusterChat.Gateway.Connections;
using ClusterChat.TestKit;

namespace ClusterChat.Gateway.Tests.Connections;

public sealed class LanesTests
{
    private readonly Simulation _simulation = new(1);
    private readonly List<string> _written = [];

    [Fact]
    public void Each_outbox_has_one_write_a_round()
    {
        var lanes = new Lanes(_simulation.Mailboxes, 1);
        var recorder = new Recorder("busy", _written);
        var busy = new Outbox(recorder, lanes, _simulation.Clock, 1000);
        var calm = new Outbox(new Recorder("calm", _written), lanes, _simulation.Clock, 1000);
        var more = 3;
        recorder.Wrote = () =>
        {
            if (more-- > 0)
            {
                busy.Append("again"u8.ToArray());
            }
        };

        busy.Append("b"u8.ToArray());
        calm.Append("c"u8.ToArray());
        _simulation.RunUntilIdle();

        _written.ShouldBe(["busy b", "calm c", "busy again", "busy again", "busy again"]);
    }

    [Fact]
    public void A_thousand_outboxes_are_a_few_pieces_of_work_and_others_have_their_turn_between()
    {
        var lanes = new Lanes(_simulation.Mailboxes, 1);
        var outboxes = Enumerable.Range(0, 1000).Select(i => new Outbox(new Recorder($"{i}", _written), lanes, _simulation.Clock, 1000)).ToList();
        var turns = 0;
        var other = new Other(self =>
        {
            turns++;
            if (_written.Count < 1000)
            {
                _simulation.Mailboxes.Schedule(self);
            }
        });

        outboxes.ForEach(o => o.Append("x"u8.ToArray()));
        _simulation.Mailboxes.Schedule(other);
        _simulation.RunUntilIdle();

        _written.ShouldBe(Enumerable.Range(0, 1000).Select(i => $"{i} x"));
        outboxes.ShouldAllBe(o => o.IsIdle);
        turns.ShouldBeGreaterThan(1);
    }

    [Fact]
    public void A_write_that_waits_does_not_hold_the_lane()
    {
        var lanes = new Lanes(_simulation.Mailboxes, 1);
        var slow = new FakeTransport { IsSlow = true };
        var waits = new Outbox(slow, lanes, _simulation.Clock, 1000);
        var goes = new Outbox(new Recorder("goes", _written), lanes, _simulation.Clock, 1000);

        waits.Append("w"u8.ToArray());
        goes.Append("1"u8.ToArray());
        _simulation.RunUntilIdle();
        goes.Append("2"u8.ToArray());
        _simulation.RunUntilIdle();

        _written.ShouldBe(["goes 1", "goes 2"]);
        waits.IsIdle.ShouldBeFalse();
    }

    [Fact]
    public void A_few_outboxes_are_one_lanes_work_and_many_are_shared()
    {
        var lanes = new Lanes(_simulation.Mailboxes, 2);
        var outboxes = Enumerable.Range(0, 900).Select(i => new Outbox(new Recorder($"{i}", _written), lanes, _simulation.Clock, 1000)).ToList();

        // As many as one lane writes on its own.
        outboxes.GetRange(0, 190).ForEach(o => o.Append("x"u8.ToArray()));
        _simulation.Dispatcher.Ready.ShouldBe(1);
        _simulation.Dispatcher.RunOne();
        _written.Count.ShouldBe(190);
        _simulation.Dispatcher.Ready.ShouldBe(0);

        outboxes.ForEach(o => o.Append("y"u8.ToArray()));
        _simulation.Dispatcher.Ready.ShouldBe(1);
        _simulation.Dispatcher.RunOne();
        _simulation.Dispatcher.Ready.ShouldBe(2);
        _simulation.RunUntilIdle();
        _written.Count.ShouldBe(1090);
        outboxes.ShouldAllBe(o => o.IsIdle);
    }

    private sealed class Other(Action<Other> run) : Akka.Dispatch.IRunnable
    {
        public void Run() => run(this);

        public void Execute() => Run();
    }

    private sealed class Recorder(string name, List<string> written) : IClientTransport
    {
        public Action Wrote { get; set; } = () => { };

        public ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
        {
            written.Add($"{name} {string.Join('|', lines.Select(l => Encoding.UTF8.GetString(l.Span)))}");
            Wrote();
            return ValueTask.CompletedTask;
        }

        public ValueTask PingAsync(int number) => ValueTask.CompletedTask;

        public ValueTask CloseAsync(ushort code, string reason) => ValueTask.CompletedTask;

        public void Abort()
        {
        }
    }
}
