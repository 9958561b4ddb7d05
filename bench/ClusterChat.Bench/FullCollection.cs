using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace ClusterChat.Bench;

/// <summary>
/// Makes another .NET process collect its garbage, all of it, as its diagnostic tools do: what an idle process has not got round
/// to collect is not what its connections need.
/// </summary>
internal static class FullCollection
{
    // GCHeapCollect: a session with this keyword begins with a blocking collection of all generations.
    private const long Keyword = 0x800000;

    public static async Task RequestAsync(int pid, CancellationToken cancellationToken)
    {
        var client = new DiagnosticsClient(pid);
        using var session = await client.StartEventPipeSessionAsync(
            [new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, Keyword)], requestRundown: false, circularBufferMB: 1, cancellationToken);
        var reading = session.EventStream.CopyToAsync(Stream.Null, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        await session.StopAsync(cancellationToken);
        await reading;
    }
}
