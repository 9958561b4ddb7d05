using System.Net;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;
using ClusterChat.TestKit;

namespace ClusterChat.Gateway.Tests.Limits;

public sealed class ClientLimitsTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress There = IPAddress.Parse("192.0.2.2");
    private readonly Simulation _time = new(1);

    private readonly GatewayOptions _options = new()
    {
        ConnectionsPerAddress = 3,
        ConnectionsPerUser = 2,
        ConnectsPerSecondPerAddress = 1,
        ConnectBurstPerAddress = 5,
        SendsPerSecondPerUser = 1,
        SendBurstPerUser = 2,
        SendsPerSecondPerAddress = 10,
        SendBurstPerAddress = 4,
        RequestsPerSecondPerAddress = 2,
        RequestBurstPerAddress = 3,
    };

    // A bucket takes a clock at zero for one that has not begun.
    public ClientLimitsTests() => _time.RunFor(TimeSpan.FromSeconds(1));

    [Fact]
    public void An_address_has_so_many_connections_and_another_one_its_own()
    {
        var limits = Limits();
        var open = Enumerable.Range(0, 3).Select(_ => limits.Connect(Here).Allowance.ShouldNotBeNull()).ToList();
        var error = limits.Connect(Here).Error.ShouldNotBeNull();
        error.Code.ShouldBe(ErrorCode.RateLimited);
        error.RetryMs.ShouldBeGreaterThan(0);
        limits.Connect(There).Allowance.ShouldNotBeNull();
        open[0].Dispose();
        open[0].Dispose();
        limits.Connect(Here).Allowance.ShouldNotBeNull();
        _time.RunFor(TimeSpan.FromSeconds(5));
        limits.Connect(Here).Allowance.ShouldBeNull("one connection that ends twice is still one");
    }

    [Fact]
    public void An_address_opens_so_many_connections_a_second()
    {
        var limits = Limits();
        for (var i = 0; i < 5; i++)
            limits.Connect(Here).Allowance.ShouldNotBeNull().Dispose();
        limits.Connect(Here).Error!.RetryMs.ShouldBeInRange(900, 1000);
        limits.Connect(There).Allowance.ShouldNotBeNull();
        _time.RunFor(TimeSpan.FromSeconds(1));
        limits.Connect(Here).Allowance.ShouldNotBeNull();
    }

    [Fact]
    public void A_user_has_so_many_connections_from_wherever_they_come()
    {
        var limits = Limits();
        var first = limits.Connect(Here).Allowance!;
        first.TryIdentify("ann").ShouldBeTrue();
        limits.Connect(There).Allowance!.TryIdentify("ann").ShouldBeTrue();
        var third = limits.Connect(There).Allowance!;
        third.TryIdentify("ann").ShouldBeFalse();
        third.TryIdentify("bob").ShouldBeTrue();
        first.Dispose();
        limits.Connect(Here).Allowance!.TryIdentify("ann").ShouldBeTrue();
    }

    [Fact]
    public void Who_is_identified_after_the_end_is_not_counted_for_ever()
    {
        var limits = Limits();
        for (var i = 0; i < 3; i++)
        {
            var gone = limits.Connect(Here).Allowance!;
            gone.Dispose();
            gone.TryIdentify("ann");
        }

        limits.Connect(There).Allowance!.TryIdentify("ann").ShouldBeTrue();
        limits.Connect(There).Allowance!.TryIdentify("ann").ShouldBeTrue();
    }

    [Fact]
    public void All_connections_of_a_user_send_out_of_one_share()
    {
        var limits = Limits();
        var here = limits.Connect(Here).Allowance!;
        var there = limits.Connect(There).Allowance!;
        here.TryIdentify("ann");
        there.TryIdentify("ann");
        here.Send(Now).ShouldBe(0);
        there.Send(Now).ShouldBe(0);
        here.Send(Now).ShouldBeGreaterThan(0);
        limits.Send(There, "ann").ShouldNotBeNull();
        limits.Send(There, "bob").ShouldBeNull();
        _time.RunFor(TimeSpan.FromSeconds(1));
        there.Send(Now).ShouldBe(0);
    }

    [Fact]
    public void Many_users_of_one_address_send_out_of_its_share()
    {
        var limits = Limits();
        for (var i = 0; i < 4; i++)
            limits.Send(Here, "user" + i).ShouldBeNull();
        limits.Send(Here, "another").ShouldNotBeNull();
        limits.Send(There, "another").ShouldBeNull();
    }

    [Fact]
    public void Guests_that_are_new_with_each_request_have_the_share_of_one()
    {
        var limits = Limits();
        limits.Send(Here, null).ShouldBeNull();
        limits.Send(Here, null).ShouldBeNull();
        limits.Send(Here, null).ShouldNotBeNull();
    }

    [Fact]
    public void Requests_have_a_limit_of_their_own()
    {
        var limits = Limits();
        for (var i = 0; i < 3; i++)
            limits.Request(Here).ShouldBeNull();
        limits.Request(Here)!.RetryMs.ShouldBeInRange(400, 500);
        limits.Send(Here, "ann").ShouldBeNull();
        limits.Request(There).ShouldBeNull();
    }

    [Fact]
    public void Zero_lifts_a_limit_and_no_limit_on_sends_lifts_those_of_users_and_addresses()
    {
        _options.SendsPerSecond = 0;
        _options.ConnectionsPerAddress = 0;
        _options.ConnectsPerSecondPerAddress = 0;
        _options.RequestsPerSecondPerAddress = 0;
        var limits = Limits();
        for (var i = 0; i < 1000; i++)
        {
            limits.Connect(Here).Allowance!.Send(Now).ShouldBe(0);
            limits.Send(Here, "ann").ShouldBeNull();
            limits.Request(Here).ShouldBeNull();
        }
    }

    [Fact]
    public void The_defaults_admit_twenty_thousand_connections_of_one_address_at_once()
    {
        var limits = new ClientLimits(new GatewayOptions(), _time.Clock);
        for (var i = 0; i < 20_000; i++)
            limits.Connect(IPAddress.Loopback).Allowance.ShouldNotBeNull();
    }

    [Fact]
    public void One_half_of_an_IPv6_address_counts_and_a_mapped_one_is_what_it_maps()
    {
        AddressKey.Of(IPAddress.Parse("2001:db8:1:2:3:4:5:6")).ShouldBe(AddressKey.Of(IPAddress.Parse("2001:db8:1:2:ffff::1")));
        AddressKey.Of(IPAddress.Parse("2001:db8:1:2::1")).ShouldNotBe(AddressKey.Of(IPAddress.Parse("2001:db8:1:3::1")));
        AddressKey.Of(IPAddress.Parse("::ffff:192.0.2.1")).ShouldBe("192.0.2.1");
        AddressKey.Of(IPAddress.Parse("2001:db8:1:2::1")).ShouldBe("2001:db8:1:2::/64");
        AddressKey.Of(null).ShouldNotBeEmpty();
    }

    [Fact]
    public void Shares_that_nobody_uses_are_dropped_once_they_are_as_new_ones()
    {
        var table = new ShareTable(new ShareLimits { SendsPerSecond = 1, SendBurst = 10 }, 100);
        table.Of("ann", Now).Send(Now);
        var connected = table.Connect("bob", Now).Share!;
        _time.RunFor(TimeSpan.FromSeconds(9));
        table.Sweep(Now);
        table.Count.ShouldBe(2);
        _time.RunFor(TimeSpan.FromSeconds(2));
        table.Sweep(Now);
        table.Count.ShouldBe(1);
        connected.Disconnect(Now);
        _time.RunFor(TimeSpan.FromSeconds(11));
        table.Sweep(Now);
        table.Count.ShouldBe(0);
    }

    [Fact]
    public void After_as_many_users_as_are_remembered_each_further_one_has_its_own_connections()
    {
        _options.MaxUnusedShares = 50;
        _options.ConnectionsPerAddress = _options.ConnectBurstPerAddress = 1000;
        var limits = Limits();
        for (var i = 0; i < 150; i++)
        {
            limits.Connect(Here).Allowance!.TryIdentify("user" + i).ShouldBeTrue();
            limits.Connect(Here).Allowance!.TryIdentify("user" + i).ShouldBeTrue();
            limits.Connect(Here).Allowance!.TryIdentify("user" + i).ShouldBeFalse("its own limit holds for everybody");
        }
    }

    [Fact]
    public void After_as_many_addresses_as_are_remembered_none_is_refused_for_what_others_ask()
    {
        _options.MaxUnusedShares = 50;
        var limits = Limits();
        for (var i = 0; i < 500; i++)
        {
            var address = new IPAddress([10, 0, (byte)(i >> 8), (byte)i]);
            _time.RunFor(TimeSpan.FromMilliseconds(1));
            for (var request = 0; request < 3; request++)
                limits.Request(address).ShouldBeNull();
            limits.Request(address).ShouldNotBeNull("its own limit holds for everybody");
        }

        limits.Addresses.ShouldBeLessThanOrEqualTo(50);
        limits.EvictedAddresses.ShouldBe(500 - limits.Addresses);
    }

    [Fact]
    public void Where_too_many_are_remembered_those_go_that_were_not_used_for_longest()
    {
        var table = new ShareTable(new ShareLimits { RequestsPerSecond = 0.001, RequestBurst = 1 }, 8);
        foreach (var key in "abcdefghai")
        {
            _time.RunFor(TimeSpan.FromSeconds(1));
            table.Of($"{key}", Now).Request(Now);
        }

        table.Evicted.ShouldBe(3);
        "efghai".ShouldAllBe(key => table.Of($"{key}", Now).RequestWait(Now) > 0);
        table.Of("b", Now).RequestWait(Now).ShouldBe(0);
    }

    [Fact]
    public void Who_is_connected_is_not_forgotten_whoever_comes()
    {
        var table = new ShareTable(new ShareLimits { Connections = 1 }, 8);
        table.Connect("connected", Now).Share.ShouldNotBeNull();
        for (var i = 0; i < 100; i++)
            table.Of("key" + i, Now + i);

        table.Evicted.ShouldBeGreaterThan(80);
        table.Connect("connected", Now).Share.ShouldBeNull();
    }

    [Fact]
    public void Those_who_are_connected_take_no_place_from_those_who_are_remembered()
    {
        var table = new ShareTable(new ShareLimits { Connections = 1, RequestsPerSecond = 0.001, RequestBurst = 1 }, 8);
        for (var i = 0; i < 100; i++)
            table.Connect("user" + i, Now).Share.ShouldNotBeNull();
        foreach (var key in "abcdefgh")
            table.Of($"{key}", Now).Request(Now).ShouldBe(0);
        table.Sweep(Now);

        table.Evicted.ShouldBe(0);
        table.Count.ShouldBe(108);
    }

    [Fact]
    public void From_many_threads_as_many_are_remembered_as_may_be()
    {
        var table = new ShareTable(new ShareLimits { RequestsPerSecond = 1, RequestBurst = 1 }, 1000);
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => table.Of("key" + i, 1000 + i).Request(1000 + i).ShouldBe(0));

        table.Count.ShouldBeLessThanOrEqualTo(1000 + 8, "each thread may have come with one while another looked");
        (table.Evicted + table.Count).ShouldBe(20_000);
    }

    [Fact]
    public void A_share_that_is_dropped_while_somebody_comes_is_not_counted_on()
    {
        var table = new ShareTable(new ShareLimits { Connections = 1 }, 10);
        table.Of("ann", Now).TryDrop(Now + 1).ShouldBeTrue();
        table.Connect("ann", Now).Share.ShouldNotBeNull();
        table.Connect("ann", Now).Share.ShouldBeNull();
    }

    private long Now => (long)_time.Clock.GetElapsedTime(0).TotalMilliseconds;

    private ClientLimits Limits() => new(_options, _time.Clock);
}
