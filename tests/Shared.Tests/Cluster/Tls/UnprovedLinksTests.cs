using System.Net;
using System.Net.Sockets;
using ClusterChat.Cluster.Tls;

namespace ClusterChat.Shared.Tests.Cluster.Tls;

/// <summary>Who has to go where too many connections have not proved themselves.</summary>
public sealed class UnprovedLinksTests
{
    private readonly UnprovedLinks _links = new(new RemoteLinkOptions { MaxUnproved = 5, MaxUnprovedPerAddress = 3 });

    [Fact]
    public void The_oldest_of_an_address_that_has_too_many_goes()
    {
        var mine = Add("10.0.0.1", 3);
        var others = Add("10.0.0.2", 1);
        mine.AddRange(Add("10.0.0.1", 1));
        PushedOut(mine).ShouldBe([true, false, false, false]);
        PushedOut(others).ShouldBe([false]);
        _links.Count.ShouldBe(4);
    }

    [Fact]
    public void Of_all_the_oldest_of_the_address_that_has_most_goes()
    {
        var few = Add("10.0.0.1", 2);
        var most = Add("10.0.0.2", 3);
        var next = Add("10.0.0.3", 2);
        PushedOut(few).ShouldBe([true, false], "the second time all others had no more, and it was the oldest");
        PushedOut(most).ShouldBe([true, false, false]);
        PushedOut(next).ShouldBe([false, false]);
        _links.Count.ShouldBe(5);
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::2")]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1")]
    public void Addresses_of_one_network_or_two_spellings_of_one_are_one(string one, string other)
    {
        var mine = Add(one, 2);
        mine.AddRange(Add(other, 2));
        PushedOut(mine).ShouldBe([true, false, false, false]);
    }

    [Fact]
    public void Who_has_proved_itself_does_not_count_and_does_not_go()
    {
        var proved = Add("10.0.0.1", 3);
        proved.ShouldAllBe(l => _links.Remove(l));
        _links.Count.ShouldBe(0);
        var next = Add("10.0.0.1", 4);
        PushedOut(proved).ShouldBe([false, false, false]);
        _links.Remove(proved[0]).ShouldBeFalse();
        _links.Remove(next[0]).ShouldBeFalse("it had to go");
        _links.Count.ShouldBe(3);
    }

    private static IEnumerable<bool> PushedOut(IEnumerable<UnprovedLink> links) => links.Select(l => l.IsPushedOut);

    private List<UnprovedLink> Add(string address, int count)
        => [.. Enumerable.Range(0, count).Select(_ => _links.Add(new Socket(SocketType.Stream, ProtocolType.Tcp), IPAddress.Parse(address)))];
}
