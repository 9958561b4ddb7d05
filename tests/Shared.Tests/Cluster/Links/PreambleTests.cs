using System.IO.Pipelines;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Links.Tcp;
using Google.Protobuf;
using LinkWire = ClusterChat.Cluster.Links.Wire;

namespace ClusterChat.Shared.Tests.Cluster.Links;

/// <summary>The preamble over pipes, with somebody in the middle who can read and change everything.</summary>
public sealed class PreambleTests
{
    private static readonly ClusterNode Self = new("d", "1", NodeRoles.Gateway, "host:1");
    private static readonly ClusterNode Accepter = new("a", "7", NodeRoles.Rooms, "host:2");
    private readonly Side _dialler = new();
    private readonly Side _accepter = new();

    [Fact]
    public async Task The_accepter_learns_who_dialled()
    {
        var dial = Dial();
        var accept = Accept();
        await RelayAsync();
        await dial;
        (await accept).ShouldBe(new Dialler(Self, IsDialBack: true));
    }

    [Fact]
    public async Task What_was_said_once_is_of_no_use_again()
    {
        var dial = Dial();
        var accept = Accept();
        var (hello, proof) = await RelayAsync();
        await dial;
        await accept;

        var again = new Side();
        accept = Accept(again);
        await again.Middle.WriteAsync(hello, default);
        await again.Middle.ReadAsync(LinkWire.Challenge.Parser, default);
        await again.Middle.WriteAsync(proof, default);
        (await Should.ThrowAsync<PreambleException>(accept)).Fault.ShouldBe(LinkWire.Fault.Secret);
    }

    [Fact]
    public async Task Changed_terms_are_noticed()
    {
        var dial = Dial();
        var accept = Accept();
        var (hello, _) = await _dialler.Middle.ReadAsync(LinkWire.Hello.Parser, default);
        await _accepter.Middle.WriteAsync(hello, default);
        var (challenge, _) = await _accepter.Middle.ReadAsync(LinkWire.Challenge.Parser, default);
        var terms = LinkWire.Terms.Parser.ParseFrom(challenge.Terms);
        terms.Accepter.Incarnation = "8";
        challenge.Terms = terms.ToByteString();
        await _dialler.Middle.WriteAsync(challenge, default);
        (await Should.ThrowAsync<PreambleException>(dial)).Fault.ShouldBe(LinkWire.Fault.Secret);
        await _accepter.CloseAsync();
        (await Should.ThrowAsync<PreambleException>(accept)).Fault.ShouldBe(LinkWire.Fault.Closed);
    }

    [Fact]
    public async Task Both_sides_learn_that_their_secrets_differ_and_the_dialler_proves_nothing()
    {
        var other = new Preamble(Self, "c", new LinkKey(new byte[32]));
        var dial = other.DialAsync(_dialler.Node, Accepter, dialBack: true, default).AsTask();
        var accept = Accept();
        await _accepter.Middle.WriteAsync((await _dialler.Middle.ReadAsync(LinkWire.Hello.Parser, default)).Message, default);
        await _dialler.Middle.WriteAsync((await _accepter.Middle.ReadAsync(LinkWire.Challenge.Parser, default)).Message, default);
        var (proof, _) = await _dialler.Middle.ReadAsync(LinkWire.Proof.Parser, default);
        await _accepter.Middle.WriteAsync(proof, default);

        proof.Proof_.IsEmpty.ShouldBeTrue();
        (await Should.ThrowAsync<PreambleException>(dial)).Fault.ShouldBe(LinkWire.Fault.Secret);
        (await Should.ThrowAsync<PreambleException>(accept)).Fault.ShouldBe(LinkWire.Fault.Secret);
    }

    [Fact]
    public async Task A_changed_hello_is_noticed()
    {
        var dial = Dial();
        var accept = Accept();
        var (hello, _) = await _dialler.Middle.ReadAsync(LinkWire.Hello.Parser, default);
        hello.Dialler.Name = "x";
        await _accepter.Middle.WriteAsync(hello, default);
        await _dialler.Middle.WriteAsync((await _accepter.Middle.ReadAsync(LinkWire.Challenge.Parser, default)).Message, default);
        (await Should.ThrowAsync<PreambleException>(dial)).Fault.ShouldBe(LinkWire.Fault.Secret);
        await _accepter.CloseAsync();
        await Should.ThrowAsync<PreambleException>(accept);
    }

    [Fact]
    public async Task Another_node_than_the_one_that_is_wanted_is_certain_once_it_has_proved_itself()
    {
        var dial = Dial(Accepter with { Incarnation = "6" });
        var accept = Accept();
        await _accepter.Middle.WriteAsync((await _dialler.Middle.ReadAsync(LinkWire.Hello.Parser, default)).Message, default);
        await _dialler.Middle.WriteAsync((await _accepter.Middle.ReadAsync(LinkWire.Challenge.Parser, default)).Message, default);
        (await Should.ThrowAsync<PreambleException>(dial)).IsCertainlyAnother.ShouldBeTrue();
        await _accepter.CloseAsync();
        await Should.ThrowAsync<PreambleException>(accept);
    }

    [Fact]
    public async Task That_another_node_is_there_is_not_believed_without_a_proof()
    {
        var dial = Dial();
        await _dialler.Middle.ReadAsync(LinkWire.Hello.Parser, default);
        await _dialler.Middle.WriteAsync(new LinkWire.Challenge { Fault = LinkWire.Fault.WrongNode }, default);
        (await Should.ThrowAsync<PreambleException>(dial)).IsCertainlyAnother.ShouldBeFalse();
    }

    [Theory]
    [InlineData(2, 9, (int)LinkWire.Fault.Version)]
    [InlineData(0, 0, (int)LinkWire.Fault.Version)]
    [InlineData(0, 9, (int)LinkWire.Fault.None)]
    public async Task Versions_must_overlap(int min, int max, int fault)
    {
        var accept = Accept();
        await _accepter.Middle.WriteAsync(
            new LinkWire.Hello
            {
                MinVersion = min,
                MaxVersion = max,
                Cluster = "c",
                Dialler = new LinkWire.Node { Name = "d", Incarnation = "1" },
                Nonce = ByteString.CopyFrom(new byte[32]),
            },
            default);
        var (challenge, _) = await _accepter.Middle.ReadAsync(LinkWire.Challenge.Parser, default);
        ((int)challenge.Fault).ShouldBe(fault);
        await _accepter.CloseAsync();
        await Should.ThrowAsync<PreambleException>(accept);
    }

    private static Preamble New(ClusterNode self) => new(self, "c", new LinkKey(LinkNode.Secret));

    private Task Dial(ClusterNode? wanted = null) => New(Self).DialAsync(_dialler.Node, wanted ?? Accepter, dialBack: true, default).AsTask();

    private Task<Dialler> Accept(Side? side = null) => New(Accepter).AcceptAsync((side ?? _accepter).Node, _ => true, default).AsTask();

    private async Task<(LinkWire.Hello Hello, LinkWire.Proof Proof)> RelayAsync()
    {
        var (hello, _) = await _dialler.Middle.ReadAsync(LinkWire.Hello.Parser, default);
        await _accepter.Middle.WriteAsync(hello, default);
        await _dialler.Middle.WriteAsync((await _accepter.Middle.ReadAsync(LinkWire.Challenge.Parser, default)).Message, default);
        var (proof, _) = await _dialler.Middle.ReadAsync(LinkWire.Proof.Parser, default);
        await _accepter.Middle.WriteAsync(proof, default);
        await _dialler.Middle.WriteAsync((await _accepter.Middle.ReadAsync(LinkWire.Verdict.Parser, default)).Message, default);
        return (hello, proof);
    }

    private sealed class Side
    {
        private readonly Pipe _toNode = new();
        private readonly Pipe _fromNode = new();

        public Side()
        {
            Node = new PreambleStream(_toNode.Reader, _fromNode.Writer);
            Middle = new PreambleStream(_fromNode.Reader, _toNode.Writer);
        }

        public PreambleStream Node { get; }

        public PreambleStream Middle { get; }

        public ValueTask CloseAsync() => _toNode.Writer.CompleteAsync();
    }
}
