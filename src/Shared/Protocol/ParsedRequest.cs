namespace ClusterChat.Protocol;

/// <summary>What became of a line: a request, or an error to answer, or the end of the connection.</summary>
/// <param name="Request">The request; null where there is an error.</param>
/// <param name="Error">What is wrong; null where there is a request.</param>
/// <param name="Id">The id that the answer carries; null where the line has none, or none that is valid.</param>
/// <param name="Fatal">
/// The line is not of this protocol: close with <see cref="CloseReason.BadRequest"/> and drop the rest of the frame.
/// </param>
/// <param name="IsHello">It is a <c>hello</c>, right or wrong: the one request that may come from somebody unknown.</param>
public readonly record struct ParsedRequest(ClientRequest? Request, ProtocolError? Error, long? Id, bool Fatal, bool IsHello = false);
