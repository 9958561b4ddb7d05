using System.Text;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;
using ClusterChat.TestKit;

namespace ClusterChat.Gateway.Tests.Connections;

/// <summary>Clients that do not take what is written to them: for how long, and how much of it the node holds.</summary>
public sealed class UntakenOutputTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Simulation _simulation = new(1);
    private readonly ByteBudget _budget = new(1000);
    private readonly Lanes _lanes;

    public UntakenOutputTests() => _lanes = new Lanes(_simulation.Mailboxes, 1);

    [Fact]
    public void Who_takes_nothing_of_a_write_for_too_long_is_closed_as_slow_though_nothing_more_comes()
    {
        var client = Stuck("page", "another page");
        RunFor(29);
        client.Outbox.Sweep(Patience);
        client.Outbox.Closing.ShouldBeNull();

        RunFor(2);
        client.Outbox.Sweep(Patience);
        client.Outbox.Closing.ShouldBe(CloseReason.Slow);
        client.Take();
        client.Transport.Wire.Count.ShouldBe(2);
        client.Transport.Wire[1].ShouldStartWith("close 3008 ");
    }

    [Fact]
    public void Who_takes_a_little_now_and_then_is_served()
    {
        var client = Stuck("page", "another page");
        for (var minute = 0; minute < 60; minute++)
        {
            RunFor(29);
            client.Transport.Taken++;
            client.Outbox.Sweep(Patience);
            client.Outbox.TookAt.ShouldBe(_simulation.Clock.GetTimestamp(), "it lives, though its pong may be far away");
        }

        client.Outbox.Closing.ShouldBeNull();
        client.Take();
        client.Take();
        client.Transport.Wire.ShouldBe(["page", "another page"]);
        client.Outbox.TookAt.ShouldBe(_simulation.Clock.GetTimestamp());
    }

    [Fact]
    public void That_a_write_has_to_wait_is_no_sign_of_life()
    {
        var client = Stuck("page", "another page");
        RunFor(29);
        client.Outbox.Sweep(Patience);
        client.Outbox.TookAt.ShouldBe(0);
    }

    [Fact]
    public void A_connection_with_nothing_to_write_is_not_slow_however_long_it_is_silent()
    {
        var client = Open();
        client.Append("line");
        RunFor(100);
        client.Outbox.Sweep(Patience);
        client.Outbox.Closing.ShouldBeNull();
    }

    [Fact]
    public void Only_what_has_to_wait_is_held()
    {
        var client = Open();
        client.Append(new string('x', 900));
        _budget.Held.ShouldBe(0);

        client.Transport.IsSlow = true;
        client.Transport.HeldBytes = 30;
        client.Append(new string('x', 20));
        client.Append(new string('x', 3));
        _budget.Held.ShouldBe(53, "what is being written, the wire's copy of it, and what waits");
        client.Outbox.QueuedBytes.ShouldBe(23);

        client.Transport.IsSlow = false;
        client.Take();
        _budget.Held.ShouldBe(0);
        client.Outbox.QueuedBytes.ShouldBe(0);
    }

    [Fact]
    public void Beyond_the_budget_those_go_for_whom_most_waits_and_what_waits_is_free_at_once()
    {
        var small = Stuck("x", new string('x', 99));
        var large = Stuck("y", new string('y', 799));
        _budget.Held.ShouldBe(900);

        // The one who comes last is not the one who goes.
        var last = Stuck("z", new string('z', 199));

        large.Outbox.Closing.ShouldBe(CloseReason.Slow);
        _budget.Held.ShouldBe(301, "the rest of a frame that has begun has to come before the close");
        small.Outbox.Closing.ShouldBeNull();
        last.Outbox.Closing.ShouldBeNull();

        large.Append("more");
        large.Take();
        large.Transport.Wire.Count.ShouldBe(2);
        large.Transport.Wire[1].ShouldStartWith("close 3008 ");
        small.Take();
        small.Transport.Wire.Count.ShouldBe(2);
    }

    [Fact]
    public void Where_those_who_are_to_go_do_not_others_are_cut_and_the_node_holds_a_quarter_more_at_most()
    {
        var clients = new List<Client>();
        for (var i = 0; i < 50; i++)
        {
            clients.Add(Stuck(new string('x', 90)));
            _budget.Held.ShouldBeLessThanOrEqualTo(1250 + 90);
        }

        clients.Count(c => c.Outbox.Closing is not null).ShouldBeGreaterThan(35);
        var cut = clients.Where(c => c.Transport.Wire.Contains("abort")).ToList();
        cut.ShouldNotBeEmpty();
        cut.ShouldAllBe(c => c.Broken == 1);

        foreach (var client in clients.Except(cut))
        {
            client.Transport.IsSlow = false;
            client.Take();
        }

        _budget.Held.ShouldBe(0);
    }

    [Fact]
    public void A_broken_wire_and_a_connection_that_is_over_hold_nothing()
    {
        var broken = Stuck("x", "more");
        broken.Transport.Break();
        _simulation.RunUntilIdle();
        _budget.Held.ShouldBe(0);

        var over = Stuck("x", "more");
        over.Outbox.Abandon();
        _budget.Held.ShouldBe(0);
        over.Append("and more");
        _budget.Held.ShouldBe(0);
        over.Take();
        _budget.Held.ShouldBe(0);
    }

    [Fact]
    public void What_was_taken_meanwhile_is_not_given_up()
    {
        var client = Stuck("x");
        client.Transport.IsSlow = false;
        client.Take();
        client.Outbox.GiveUp();
        client.Outbox.Closing.ShouldBeNull();
    }

    [Fact]
    public void A_frame_at_a_time_is_handed_to_the_wire_in_the_order_of_the_lines()
    {
        var client = OpenWide();
        client.Transport.IsSlow = true;
        var lines = Enumerable.Range(0, 400).Select(i => $"{i} " + new string('x', (i * 37) % 1000)).ToList();
        lines[200] = "200 " + new string('y', 100_000);
        client.Append([.. lines]);
        for (var i = 0; !client.Outbox.IsIdle; i++)
        {
            i.ShouldBeLessThan(100);
            client.Take();
        }

        client.Transport.Lines.ShouldBe(lines);
        client.Transport.Wire.ShouldAllBe(frame => frame.Length < 64 * 1024 || frame == lines[200]);
        client.Transport.Wire.Count.ShouldBeLessThan(12);
    }

    [Fact]
    public void A_ping_has_its_place_also_where_what_is_before_it_is_many_frames()
    {
        var client = OpenWide();
        client.Transport.IsSlow = true;
        client.Append("first");
        client.Append([.. Enumerable.Repeat(new string('x', 30_000), 5)]);
        client.Outbox.Ping();
        client.Take();
        client.Append("after the ping");
        while (!client.Outbox.IsIdle)
            client.Take();

        client.Transport.Wire.Select(w => w.Length > 20 ? $"{w.Split('|').Length} long" : w).ShouldBe(
            ["first", "2 long", "2 long", "1 long", "ping", "after the ping"]);
    }

    [Fact]
    public void What_waits_goes_out_before_a_close_though_a_ping_was_asked_for_in_between()
    {
        var client = OpenWide();
        client.Transport.IsSlow = true;
        client.Append("first");
        client.Append([.. Enumerable.Repeat(new string('x', 30_000), 5)]);
        client.Outbox.Ping();
        client.Take();
        client.Append("last");
        client.Outbox.Close(CloseReason.Shutdown, "bye");
        while (!client.Outbox.IsIdle)
            client.Take();

        client.Transport.Lines.Count().ShouldBe(7);
        client.Transport.Wire[^1].ShouldBe("close 3001 bye");
    }

    [Fact]
    public void The_sweep_of_a_gateway_closes_and_then_cuts_who_takes_nothing()
    {
        using var world = new ConnectionWorld();
        var client = world.Hello();
        client.Transport.IsSlow = true;
        client.Connection.Outbox.Append("page"u8.ToArray());
        world.Run();
        for (var i = 0; i < 29; i++)
        {
            // It is alive, and that alone does not help.
            client.Connection.Touch();
            world.RunFor(TimeSpan.FromSeconds(1));
        }

        client.Connection.Outbox.Closing.ShouldBeNull();
        world.RunFor(TimeSpan.FromSeconds(2));
        client.Connection.Outbox.Closing.ShouldBe(CloseReason.Slow);
        client.Transport.Wire.ShouldNotContain("abort");
        world.RunFor(TimeSpan.FromSeconds(7));
        client.Transport.Wire.ShouldContain("abort");
    }

    [Fact]
    public void The_sweep_of_a_gateway_cuts_who_was_given_up_and_does_not_go_within_a_second_or_two()
    {
        using var world = new ConnectionWorld(o => o.OutputBytes = 1000);
        var client = world.Hello();
        client.Transport.IsSlow = true;
        client.Connection.Outbox.Append(new byte[100]);
        world.Run();
        client.Connection.Outbox.Append(new byte[1000]);
        client.Connection.Outbox.Closing.ShouldBe(CloseReason.Slow);
        client.Transport.Wire.ShouldNotContain("abort");
        world.RunFor(TimeSpan.FromSeconds(3));
        client.Transport.Wire.ShouldContain("abort");
        world.Services.Output.Budget.Held.ShouldBe(0);
    }

    [Fact]
    public void A_client_that_takes_what_is_sent_to_it_slowly_is_not_held_for_dead()
    {
        using var world = new ConnectionWorld();
        var client = world.Hello();
        client.Transport.IsSlow = true;
        client.Connection.Outbox.Append("page"u8.ToArray());
        world.Run();
        for (var i = 0; i < 300; i++)
        {
            client.Transport.Taken++;
            world.RunFor(TimeSpan.FromSeconds(1));
        }

        client.Connection.Outbox.Closing.ShouldBeNull();
    }

    private Client Open() => new(_simulation, 2000, _lanes, _budget);

    /// <summary>A client for whom much may wait.</summary>
    private Client OpenWide() => new(_simulation, 1024 * 1024, _lanes, null);

    /// <summary>A client that takes nothing: the first line is being written, the others wait.</summary>
    private Client Stuck(params string[] lines)
    {
        var client = Open();
        client.Transport.IsSlow = true;
        foreach (var line in lines)
            client.Append(line);
        return client;
    }

    private void RunFor(int seconds) => _simulation.RunFor(TimeSpan.FromSeconds(seconds));

    private sealed class Client
    {
        private readonly Simulation _simulation;

        public Client(Simulation simulation, int limit, Lanes lanes, ByteBudget? budget)
        {
            _simulation = simulation;
            Outbox = new Outbox(Transport, lanes, simulation.Clock, limit, budget) { Broken = () => Broken++ };
        }

        public FakeTransport Transport { get; } = new();

        public Outbox Outbox { get; }

        public int Broken { get; private set; }

        /// <summary>Lines that come together.</summary>
        public void Append(params string[] lines)
        {
            foreach (var line in lines)
                Outbox.Append(Encoding.UTF8.GetBytes(line));
            _simulation.RunUntilIdle();
        }

        public void Take()
        {
            Transport.Take();
            _simulation.RunUntilIdle();
        }
    }
}
