using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote;
using ClusterChat.ClusterSimulation.Kernel;

namespace ClusterChat.ClusterSimulation.Tests;

/// <summary>The network between nodes, through Akka.Remote.</summary>
public class NetworkTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly Address There = new(SimTransport.Scheme, "s", "n2", SimTransport.Port);

    private readonly SimWorld _world = new(7);
    private readonly SimNode _one;
    private readonly SimNode _two;
    private readonly List<object> _seen = [];

    public NetworkTests()
    {
        (_one, _two) = (new SimNode(_world, "n1"), new SimNode(_world, "n2"));
        foreach (var node in (SimNode[])[_one, _two])
        {
            node.Start("s", Config.Empty);
            node.Enter(() => node.System.ActorOf(Props.Create(() => new Collector(_seen)), "collector"));
        }
    }

    [Fact]
    public void A_dead_node_refuses_a_paused_one_connects_and_one_behind_a_cut_is_silent()
    {
        Dial().ShouldBe(SimDial.Connected);
        _two.Pause();
        Dial().ShouldBe(SimDial.Connected);
        _world.Network.Cut("n2", "n1");
        Dial().ShouldBe(SimDial.Silent);
        _world.Network.HealAll();
        _two.Kill();
        Dial().ShouldBe(SimDial.Refused);
    }

    [Fact]
    public void What_is_sent_over_a_cut_arrives_in_order_once_it_is_healed()
    {
        Send(0, 20);
        _world.Network.Cut("n1", "n2");
        Send(20, 20);
        _seen.Count.ShouldBe(20);
        _world.Network.Heal("n1", "n2");
        Send(40, 20);
        _seen.ShouldBe(Numbers(60));
    }

    [Fact]
    public void A_cut_is_one_way()
    {
        Send(0, 1);
        _world.Network.Cut("n2", "n1");
        Send(1, 10);
        _seen.ShouldBe(Numbers(11));
    }

    [Fact]
    public void A_node_that_was_paused_reads_in_order_what_came_meanwhile()
    {
        Send(0, 1);
        _two.Pause();
        Send(1, 30);
        _seen.Count.ShouldBe(1);
        _two.Resume();
        _world.RunFor(Second);
        _seen.ShouldBe(Numbers(31));
    }

    [Fact]
    public void A_killed_node_ends_its_connections()
    {
        var ends = new List<object>();
        _one.Enter(() => _one.System.EventStream.Subscribe(_one.System.ActorOf(Props.Create(() => new Collector(ends))), typeof(DisassociatedEvent)));
        Send(0, 1);
        ends.ShouldBeEmpty();
        _two.Kill();
        _world.RunFor(Second);
        ends.ShouldNotBeEmpty();
    }

    private SimDial? Dial()
    {
        var dial = _world.Network.ProbeAsync(_one, There, Second);
        _world.RunFor(Second * 2);
        return dial.IsCompletedSuccessfully ? dial.Result : null;
    }

    private void Send(int first, int count)
    {
        _one.Enter(() =>
        {
            foreach (var number in Numbers(first + count).Skip(first))
                _one.System.ActorSelection(new RootActorPath(There.WithProtocol("akka." + SimTransport.Scheme)) / "user" / "collector").Tell(number);
        });
        _world.RunFor(Second);
    }

    private static IEnumerable<string> Numbers(int count) => Enumerable.Range(0, count).Select(n => n.ToString(CultureInfo.InvariantCulture));

    private sealed class Collector(List<object> seen) : UntypedActor
    {
        protected override void OnReceive(object message) => seen.Add(message);
    }
}
