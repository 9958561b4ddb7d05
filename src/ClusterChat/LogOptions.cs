using System.ComponentModel.DataAnnotations;

namespace ClusterChat.Host;

/// <summary>How much is written to the process's log: section <c>ClusterChat:Log</c>.</summary>
internal sealed class LogOptions
{
    /// <summary>
    /// Lines of one kind a second, from the level Information on; what is left out is counted, and the count written. 0 lifts the limit. One: a fault that befalls
    /// each of a thousand requests a second is as well seen in one line, and a log can be written to by whoever can cause a line.
    /// </summary>
    [Range(0, double.MaxValue)]
    public double LinesPerSecond { get; set; } = 1;

    /// <summary>Lines of one kind that are written at once after a pause: what happens once for each of some nodes or rooms is all there.</summary>
    public int LineBurst { get; set; } = 20;
}
