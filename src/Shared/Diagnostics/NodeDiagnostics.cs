using System.Diagnostics.Metrics;

namespace ClusterChat.Diagnostics;

/// <summary>Where the parts of a node show what they do.</summary>
/// <param name="Meters">Null: nothing is measured.</param>
/// <param name="Traces">Null: no message is traced; what others trace is passed on.</param>
public sealed record NodeDiagnostics(IMeterFactory? Meters, MessageTraces? Traces)
{
    /// <summary>Nowhere.</summary>
    public static NodeDiagnostics None { get; } = new(null, null);
}
