using System.Buffers;
using System.Buffers.Binary;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.Sockets;

namespace ClusterChat.Gateway.WebSockets;

/// <summary>One client's WebSocket, the reading side.</summary>
internal static class WebSocketReadLoop
{
    /// <summary>
    /// Reads until nothing more will come: the client's close frame (answered before this returns), the end of
    /// the stream, an error of it, or cancellation. Then, and only then, and once, <see cref="IClientInbound.Ended"/>.
    /// </summary>
    /// <remarks>
    /// After a violation nothing of the client's is passed on and nothing counts as a sign of life, but reading
    /// goes on: a connection that is cut with unread bytes is reset, and the client would never see why. The
    /// connection has to limit the time for that, with <see cref="IClientTransport.Abort"/>.
    /// No buffer is rented while nothing comes; half a message holds at most twice its bytes, and counts while the client does not go on with it.
    /// </remarks>
    /// <param name="stream">The upgraded stream. It must answer a read of zero bytes when there is something.</param>
    /// <param name="transport">The writing side, for pongs and the answer to a close.</param>
    /// <param name="inbound">Whom to tell. What it throws ends the loop and is thrown here.</param>
    /// <param name="limits">What a client may send at most.</param>
    /// <param name="unfinished">Where half a message counts.</param>
    /// <param name="cancellationToken">Stops reading; not an error.</param>
    public static async Task RunAsync(
        Stream stream,
        WebSocketTransport transport,
        IClientInbound inbound,
        WebSocketLimits limits,
        UnfinishedInput unfinished,
        CancellationToken cancellationToken)
    {
        using var reader = new FrameReader(limits.MaxMessageBytes);
        HalfMessage? half = null;
        var violated = false;
        try
        {
            while (true)
            {
                byte[]? buffer = null;
                try
                {
                    int count;
                    try
                    {
                        var more = stream.ReadAsync(Memory<byte>.Empty, cancellationToken);
                        if (reader.HeldBytes > 0 || half is { HeldBytes: > 0 })
                        {
                            half ??= new HalfMessage(reader, inbound, unfinished);
                            await half.WaitAsync(more);
                            violated |= half.IsDropped;
                        }
                        else
                        {
                            await more;
                        }

                        buffer = ArrayPool<byte>.Shared.Rent(limits.ReadBufferBytes);
                        count = await stream.ReadAsync(buffer, cancellationToken);
                    }
                    catch (Exception error) when (error is IOException or OperationCanceledException || SocketStream.IsGone(error))
                    {
                        return;
                    }

                    if (count == 0)
                    {
                        return;
                    }

                    if (!violated)
                    {
                        inbound.Touch();
                    }

                    // What came in one read is handed over at once: a room then decides it at once, and one commit and one
                    // write to each member carry all of it.
                    var texts = new List<ReadOnlyMemory<byte>>();
                    var input = buffer.AsMemory(0, count);
                    for (var found = reader.Read(ref input); found.Kind != FrameEventKind.None; found = reader.Read(ref input))
                    {
                        if (found.Kind == FrameEventKind.Text)
                        {
                            texts.Add(found.Payload);
                            if (!reader.LendsMemory)
                            {
                                continue;
                            }
                        }

                        if (texts.Count > 0)
                        {
                            await inbound.ReceiveAsync(texts);
                            texts = [];
                        }

                        switch (found.Kind)
                        {
                            case FrameEventKind.Ping:
                                transport.Pong(found.Payload.Span);
                                break;
                            case FrameEventKind.Pong when found.Payload.Length == sizeof(int):
                                inbound.Answered(BinaryPrimitives.ReadInt32BigEndian(found.Payload.Span));
                                break;
                            case FrameEventKind.Binary:
                                violated = true;
                                inbound.Violated("binary message");
                                break;
                            case FrameEventKind.Violation:
                                violated = true;
                                inbound.Violated(found.Reason);
                                break;
                            case FrameEventKind.Close:
                                if (CloseCodes.IsLeave(found.CloseCode))
                                {
                                    inbound.TookLeave();
                                }

                                await AnswerCloseAsync(transport, found.CloseCode, cancellationToken);
                                return;
                        }
                    }

                    if (texts.Count > 0)
                    {
                        await inbound.ReceiveAsync(texts);
                    }

                    // Of one buffer at a time: so many are answered before anybody counts.
                    if (reader.TakeIdle() is > 0 and var idle && !violated)
                    {
                        violated = !inbound.Idled(idle);
                    }
                }
                finally
                {
                    if (buffer is not null)
                    {
                        ArrayPool<byte>.Shared.Return(buffer);
                    }
                }
            }
        }
        finally
        {
            half?.End();
            inbound.Ended();
        }
    }

    private static async Task AnswerCloseAsync(WebSocketTransport transport, ushort code, CancellationToken cancellationToken)
    {
        try
        {
            await transport.AnswerCloseAsync(code).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for the handshake any more.
        }
    }
}
