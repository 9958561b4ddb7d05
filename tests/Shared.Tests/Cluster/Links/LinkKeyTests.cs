using ClusterChat.Cluster.Links.Tcp;

namespace ClusterChat.Shared.Tests.Cluster.Links;

public sealed class LinkKeyTests
{
    private static readonly byte[] Hello = [1, 2, 3];
    private static readonly byte[] Terms = [4, 5];
    private readonly LinkKey _key = new(new byte[32]);

    [Fact]
    public void A_proof_holds_for_its_side_its_hello_and_its_terms_alone()
    {
        var proof = _key.Prove(accepter: true, Hello, Terms);
        _key.Check(proof, accepter: true, Hello, Terms).ShouldBeTrue();
        _key.Check(proof, accepter: false, Hello, Terms).ShouldBeFalse();
        _key.Check(proof, accepter: true, [1, 2], Terms).ShouldBeFalse();
        _key.Check(proof, accepter: true, Hello, [4, 6]).ShouldBeFalse();
        _key.Check(proof, accepter: true, [1, 2, 3, 4], [5]).ShouldBeFalse();
        _key.Check([], accepter: true, Hello, Terms).ShouldBeFalse();
    }

    [Fact]
    public void Another_secret_does_not_do()
    {
        var other = new byte[32];
        other[31] = 1;
        _key.Check(new LinkKey(other).Prove(accepter: true, Hello, Terms), accepter: true, Hello, Terms).ShouldBeFalse();
    }

    [Fact]
    public void A_short_secret_is_refused() => Should.Throw<ArgumentOutOfRangeException>(() => new LinkKey(new byte[31]));
}
