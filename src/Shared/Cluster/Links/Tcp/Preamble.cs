using Google.Protobuf;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>How a connection begins: see preamble.proto, which draws it.</summary>
/// <param name="self">This node.</param>
/// <param name="clusterName">Its cluster.</param>
/// <param name="key">Proves that it belongs there.</param>
internal sealed class Preamble(ClusterNode self, string clusterName, LinkKey key)
{
    private ClusterNode _self = self;

    /// <summary>The oldest version of the messages that this node speaks.</summary>
    private const int MinVersion = 1;

    /// <summary>The newest version of the messages that this node speaks.</summary>
    private const int MaxVersion = 1;

    /// <summary>Says where this node listens, where that is known only once it does. Called before the first use.</summary>
    public void SetAddress(string address) => _self = _self with { Address = address };

    /// <summary>Goes through the dialler's part.</summary>
    /// <exception cref="PreambleException">
    /// It failed. <see cref="Wire.Fault.WrongNode"/> is certain: whoever is there has proved that it belongs to the
    /// cluster, and is not the one that is wanted.
    /// </exception>
    public async ValueTask DialAsync(PreambleStream stream, ClusterNode wanted, bool dialBack, CancellationToken cancellationToken)
    {
        var hello = new Wire.Hello
        {
            MinVersion = MinVersion,
            MaxVersion = MaxVersion,
            Cluster = clusterName,
            Dialler = ToWire(_self),
            WantedName = wanted.Name,
            WantedIncarnation = wanted.Incarnation,
            Nonce = LinkKey.NewNonce(),
            DialBack = dialBack,
        };
        await stream.WriteAsync(hello, cancellationToken);
        var (challenge, _) = await stream.ReadAsync(Wire.Challenge.Parser, cancellationToken);
        if (challenge.Fault != Wire.Fault.None)
            throw new PreambleException(challenge.Fault == Wire.Fault.WrongNode ? Wire.Fault.NotOurs : challenge.Fault, byPeer: true);
        var helloBytes = hello.ToByteArray();
        if (!key.Check(challenge.Proof.Span, accepter: true, helloBytes, challenge.Terms.Span))
        {
            await TellNoProofAsync(stream, cancellationToken);
            throw new PreambleException(Wire.Fault.Secret);
        }

        var terms = ParseTerms(challenge.Terms);
        if (terms.Version is < MinVersion or > MaxVersion)
            throw new PreambleException(Wire.Fault.Version);
        if (terms.Accepter is not { } accepter || accepter.Name != wanted.Name || accepter.Incarnation != wanted.Incarnation)
            throw new PreambleException(Wire.Fault.WrongNode);
        var proof = new Wire.Proof
        {
            Proof_ = UnsafeByteOperations.UnsafeWrap(key.Prove(accepter: false, helloBytes, challenge.Terms.Span)),
        };
        await stream.WriteAsync(proof, cancellationToken);
        var (verdict, _) = await stream.ReadAsync(Wire.Verdict.Parser, cancellationToken);
        if (verdict.Fault != Wire.Fault.None)
            throw new PreambleException(verdict.Fault, byPeer: true);
    }

    /// <summary>Goes through the accepter's part.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="admit">Whether somebody who is who it says may connect.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Who dialled; it has proved that it belongs to the cluster.</returns>
    /// <exception cref="PreambleException">It failed; the dialler has been told as far as it makes sense.</exception>
    public async ValueTask<Dialler> AcceptAsync(
        PreambleStream stream, Func<Dialler, bool> admit, CancellationToken cancellationToken)
    {
        var (hello, helloBytes) = await stream.ReadAsync(Wire.Hello.Parser, cancellationToken);
        if (Judge(hello) is var fault and not Wire.Fault.None)
        {
            await stream.WriteAsync(new Wire.Challenge { Fault = fault }, cancellationToken);
            throw new PreambleException(fault);
        }

        var terms = new Wire.Terms
        {
            Version = Math.Min(MaxVersion, hello.MaxVersion),
            Accepter = ToWire(_self),
            Nonce = LinkKey.NewNonce(),
        }.ToByteString();
        var challenge = new Wire.Challenge
        {
            Terms = terms,
            Proof = UnsafeByteOperations.UnsafeWrap(key.Prove(accepter: true, helloBytes, terms.Span)),
        };
        await stream.WriteAsync(challenge, cancellationToken);
        // A dialler that wanted another node leaves here, with the proof of who is there.
        var (proof, _) = await stream.ReadAsync(Wire.Proof.Parser, cancellationToken);
        var from = hello.Dialler;
        var dialler = new Dialler(new ClusterNode(from.Name, from.Incarnation, (NodeRoles)from.Roles, from.Address), hello.DialBack);
        var verdict = !key.Check(proof.Proof_.Span, accepter: false, helloBytes, terms.Span) ? Wire.Fault.Secret
            : hello.WantedName != _self.Name || hello.WantedIncarnation != _self.Incarnation ? Wire.Fault.WrongNode
            : !admit(dialler) ? Wire.Fault.Unwanted
            : Wire.Fault.None;
        await stream.WriteAsync(new Wire.Verdict { Fault = verdict }, cancellationToken);
        if (verdict != Wire.Fault.None)
            throw new PreambleException(verdict);
        return dialler;
    }

    // An empty proof: nothing of ours for who has shown none, but the other side's log says then what is wrong.
    private static async ValueTask TellNoProofAsync(PreambleStream stream, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(new Wire.Proof(), cancellationToken);
        }
        catch (IOException)
        {
            // It has gone already.
        }
    }

    private Wire.Fault Judge(Wire.Hello hello)
    {
        if (hello.Dialler is not { Name.Length: > 0, Incarnation.Length: > 0 } || hello.Nonce.Length != LinkKey.NonceBytes
            || hello.Dialler.Name.Contains('/', StringComparison.Ordinal))
            return Wire.Fault.NotOurs;
        if (hello.MinVersion > MaxVersion || hello.MaxVersion < MinVersion)
            return Wire.Fault.Version;
        return hello.Cluster == clusterName ? Wire.Fault.None : Wire.Fault.Cluster;
    }

    private static Wire.Terms ParseTerms(ByteString terms)
    {
        try
        {
            return Wire.Terms.Parser.ParseFrom(terms);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new PreambleException(Wire.Fault.NotOurs);
        }
    }

    private static Wire.Node ToWire(ClusterNode node) => new()
    {
        Name = node.Name,
        Incarnation = node.Incarnation,
        Address = node.Address,
        Roles = (int)node.Roles,
    };
}

/// <summary>Who dialled.</summary>
/// <param name="Node">The node.</param>
/// <param name="IsDialBack">It does so only because this node dialled it.</param>
internal sealed record Dialler(ClusterNode Node, bool IsDialBack);
