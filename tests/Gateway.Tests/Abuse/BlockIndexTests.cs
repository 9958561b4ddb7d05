using System.Net;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Abuse;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Gateway.Identity;

namespace ClusterChat.Gateway.Tests.Abuse;

public sealed class BlockIndexTests
{
    private const long Now = 1_000;

    [Theory]
    [InlineData("203.0.113.7", true)]
    [InlineData("203.0.113.8", false)]
    [InlineData("::ffff:203.0.113.7", true)]
    [InlineData("198.51.100.255", true)]
    [InlineData("198.51.101.0", false)]
    [InlineData("10.9.8.7", true)]
    [InlineData("2001:db8:1:2::9", true)]
    [InlineData("2001:db8:1:3::9", false)]
    [InlineData("2001:db8:ffff::1", true)]
    [InlineData("::1", false)]
    [InlineData("::cb00:7107", false)]
    public void An_address_is_out_by_itself_or_by_a_network(string address, bool isOut)
    {
        var index = Of(
            Address("203.0.113.7"), Address("198.51.100.0/24"), Address("10.0.0.0/8"), Address("2001:db8:1:2::/64"), Address("2001:db8:ffff::/48"));
        (index.OfAddress(IPAddress.Parse(address), Now) is not null).ShouldBe(isOut);
    }

    [Fact]
    public void A_shorter_block_of_a_network_does_not_hide_a_longer_one_of_an_address()
    {
        var index = Of(Address("203.0.113.0/24") with { Until = Now }, Address("203.0.113.7"));
        index.OfAddress(IPAddress.Parse("203.0.113.7"), Now).ShouldNotBeNull().Value.ShouldBe("203.0.113.7");
        index.OfAddress(IPAddress.Parse("203.0.113.8"), Now).ShouldBeNull();
    }

    [Fact]
    public void A_block_ends_when_its_time_is_over()
    {
        var index = Of(User("ann") with { Until = Now });
        index.OfIdentity(Token("ann"), Now - 1).ShouldNotBeNull();
        index.OfIdentity(Token("ann"), Now).ShouldBeNull();
    }

    [Theory]
    [InlineData("ann", true)]
    [InlineData("Ann", true)]
    [InlineData("аnn", true)]
    [InlineData("anna", false)]
    public void A_guest_is_out_by_a_name_and_by_what_looks_like_it(string name, bool isOut)
        => (Of(User("ann")).OfIdentity(Guest("g:1", name), Now) is not null).ShouldBe(isOut);

    [Fact]
    public void A_user_with_a_token_is_out_by_the_id_alone_whatever_the_name_is()
    {
        var index = Of(User("ann"));
        index.OfIdentity(Token("ann", name: "bob"), Now).ShouldNotBeNull();
        index.OfIdentity(Token("7", name: "ann"), Now).ShouldBeNull();
        index.OfIdentity(Token("Ann"), Now).ShouldBeNull();
    }

    [Fact]
    public void A_session_is_out_by_itself_and_not_the_users_others()
    {
        var index = Of(new Block(BlockKind.Session, "s1", 0, Block.Forever, "", "ops"), new Block(BlockKind.Session, "g:1", 0, Block.Forever, "", "ops"));
        index.OfIdentity(Token("ann") with { SessionId = "s1" }, Now).ShouldNotBeNull();
        index.OfIdentity(Token("ann") with { SessionId = "s2" }, Now).ShouldBeNull();
        index.OfIdentity(Token("ann"), Now).ShouldBeNull();
        index.OfIdentity(Guest("g:1", "cy"), Now).ShouldNotBeNull();
        index.OfIdentity(Guest("g:2", "cy"), Now).ShouldBeNull();
    }

    [Fact]
    public void An_ended_session_keeps_nobody_out()
    {
        var index = Of(new Block(BlockKind.EndedSession, "g:1", 0, Block.Forever, "", "ops"));
        index.OfIdentity(Guest("g:1", "ann"), Now).ShouldBeNull();
        index.IsEnded(Guest("g:1", "ann"), Now).ShouldBeTrue();
        index.IsEnded(Guest("g:2", "ann"), Now).ShouldBeFalse();
    }

    [Fact]
    public void Of_two_names_that_look_alike_the_block_that_lasts_longer_counts()
    {
        Block[] blocks = [User("Ann") with { Until = Now }, User("ann") with { Until = Now + 1 }, User("ANN") with { Until = Now }];
        Of(blocks).OfIdentity(Guest("g:1", "aNN"), Now).ShouldBe(blocks[1]);
    }

    [Fact]
    public void What_a_later_version_has_put_there_keeps_nobody_out_and_hurts_nobody()
    {
        var index = Of(new Block((BlockKind)77, "x", 0, Block.Forever, "", "ops"), Address("country:xx"));
        index.IsEmpty.ShouldBeTrue();
        index.OfAddress(IPAddress.Loopback, Now).ShouldBeNull();
    }

    private static BlockIndex Of(params Block[] blocks) => new(blocks);

    private static Block User(string value) => new(BlockKind.User, value, 0, Block.Forever, "", "ops");

    private static Block Address(string value) => new(BlockKind.Address, value, 0, Block.Forever, "", "ops");

    private static ClientIdentity Guest(string user, string name) => new(new Member(user, name)) { Session = "signed", SessionId = user };

    private static ClientIdentity Token(string user, string? name = null) => new(new Member(user, name ?? user));
}
