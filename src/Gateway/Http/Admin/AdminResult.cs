using System.Text.Json;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Http.Admin;

/// <summary>What came of an operator's request.</summary>
/// <param name="Target">What it was about, for the audit log: what comes from outside as <see cref="LogText"/>.</param>
/// <param name="Text">What came of it, for the audit log.</param>
/// <param name="Write">Writes the members of the answer.</param>
internal sealed record AdminResult(string Target, string Text, Action<Utf8JsonWriter> Write)
{
    public AdminResult(string target, ProtocolError error)
        : this(target, error.Message, static _ => { }) => Error = error;

    /// <summary>Why it was refused; null where it was not.</summary>
    public ProtocolError? Error { get; }
}
