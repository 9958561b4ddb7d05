using System.IO.Pipelines;
using ClusterChat.Cluster.Links.Codec;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>A connection that a peer dialled, after the preamble: it only reads.</summary>
internal sealed class IncomingConnection(LinkContext context, Dialler dialler, PipeReader input)
{
    // Not disposed of: it has no timer, and a successor may abort what has just ended.
    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _id = dialler.Node.Id;
    private bool _unknownLogged;

    /// <summary>It is there only because this node dialled the peer.</summary>
    public bool IsDialBack => dialler.IsDialBack;

    /// <summary>Ends it and waits until nothing of it is delivered any more.</summary>
    public async Task AbortAsync()
    {
        await _abort.CancelAsync();
        await _ended.Task;
    }

    /// <summary>Nothing more will be delivered.</summary>
    public void Ended() => _ended.TrySetResult();

    /// <summary>Delivers until the connection ends.</summary>
    /// <returns>Why it ended.</returns>
    public async Task<string> ReadAllAsync(ILinkReceiver receiver, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_abort.Token, cancellationToken);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(either.Token);
                var buffer = result.Buffer;
                while (!either.IsCancellationRequested && FrameReader.TryRead(ref buffer, context.Options.MaxFrameBytes, out var batch))
                {
                    Deliver(batch, receiver);
                }

                input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                    return buffer.IsEmpty ? "the peer closed it" : "it broke within a frame";
            }
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested ? "this node stops" : "the peer has connected anew";
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return e.Message;
        }
    }

    private void Deliver(Wire.Batch batch, ILinkReceiver receiver)
    {
        foreach (var envelope in batch.Envelopes)
        {
            if (LinkCodec.Decode(envelope, _id) is not { } message)
            {
                if (!_unknownLogged)
                    context.Logger.UnknownSkipped(_id);
                _unknownLogged = true;
                continue;
            }

            try
            {
                receiver.Receive(_id, message);
            }
            catch (Exception e)
            {
                context.Logger.ReceiverFailed(message.GetType().Name, _id, e);
            }
        }
    }
}
