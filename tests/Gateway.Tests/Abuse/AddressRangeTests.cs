using System.Net;
using ClusterChat.Gateway.Abuse;

namespace ClusterChat.Gateway.Tests.Abuse;

public sealed class AddressRangeTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7/32", "203.0.113.7")]
    [InlineData("203.0.113.7/24", "203.0.113.0/24")]
    [InlineData("10.255.0.1/8", "10.0.0.0/8")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("2001:DB8:0:0::1", "2001:db8::1")]
    [InlineData("2001:db8::1/128", "2001:db8::1")]
    [InlineData("2001:db8:0:1:ffff::/64", "2001:db8:0:1::/64")]
    [InlineData("2001:db8::/16", "2001::/16")]
    [InlineData("::1", "::1")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7/120", "203.0.113.0/24")]
    [InlineData("::ffff:cb00:7107/128", "203.0.113.7")]
    public void An_address_or_a_network_has_one_form(string text, string form)
    {
        var (range, problem) = AddressRange.Parse(text);
        problem.ShouldBeNull();
        range.ShouldNotBeNull().ToString().ShouldBe(form);
        AddressRange.Parse(form).Range.ShouldBe(range);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ann")]
    [InlineData("7")]
    [InlineData("203.0.113")]
    [InlineData("203.0.113.256")]
    [InlineData("203.0.113.07")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("203.0.113.7 ")]
    [InlineData("203.0.113.7:80")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("fe80::1%2")]
    [InlineData("fe80::1%eth0")]
    [InlineData("203.0.113.0/")]
    [InlineData("203.0.113.0/33")]
    [InlineData("203.0.113.0/-1")]
    [InlineData("203.0.113.0/+8")]
    [InlineData("203.0.113.0/ 24")]
    [InlineData("203.0.113.0/24/24")]
    [InlineData("203.0.113.0/255.255.255.0")]
    [InlineData("2001:db8::/129")]
    [InlineData("::ffff:203.0.113.7/129")]
    [InlineData("/24")]
    [InlineData("203.0.113.7\0")]
    public void What_is_neither_is_refused(string text)
    {
        var (range, problem) = AddressRange.Parse(text);
        range.ShouldBeNull();
        problem.ShouldNotBeNull().ShouldContain("must be an address");
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("10.0.0.0/7")]
    [InlineData("::/0")]
    [InlineData("2001::/15")]
    [InlineData("::ffff:0.0.0.0/96")]
    [InlineData("::ffff:0.0.0.0/24")]
    public void A_network_that_is_most_of_the_world_is_refused(string text)
        => AddressRange.Parse(text).Problem.ShouldNotBeNull().ShouldContain("too large");

    [Fact]
    public void An_address_is_within_the_networks_around_it()
    {
        var address = AddressRange.Of(IPAddress.Parse("2001:db8:1:2:3:4:5:6"));
        address.Within(64).ShouldBe(AddressRange.Parse("2001:db8:1:2::/64").Range!.Value);
        address.Within(0).First.ShouldBe(UInt128.Zero);
        AddressRange.Of(IPAddress.Parse("::ffff:203.0.113.7")).Within(32).ShouldBe(AddressRange.Parse("203.0.113.7").Range!.Value);
    }
}
