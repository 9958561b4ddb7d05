using System.Text;

namespace ClusterChat.Diagnostics;

/// <summary>
/// How instruments and tags are called in Prometheus' world: "OpenTelemetry and Prometheus compatibility", section
/// "OpenTelemetry metric points to Prometheus".
/// </summary>
internal static class MetricNames
{
    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["d"] = "days",
        ["h"] = "hours",
        ["min"] = "minutes",
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["ns"] = "nanoseconds",
        ["By"] = "bytes",
        ["KiBy"] = "kibibytes",
        ["MiBy"] = "mebibytes",
        ["GiBy"] = "gibibytes",
        ["TiBy"] = "tebibytes",
        ["KBy"] = "kilobytes",
        ["MBy"] = "megabytes",
        ["GBy"] = "gigabytes",
        ["TBy"] = "terabytes",
        ["m"] = "meters",
        ["V"] = "volts",
        ["A"] = "amperes",
        ["J"] = "joules",
        ["W"] = "watts",
        ["g"] = "grams",
        ["Cel"] = "celsius",
        ["Hz"] = "hertz",
        ["%"] = "percent",
    };

    private static readonly Dictionary<string, string> PerUnits = new(StringComparer.Ordinal)
    {
        ["s"] = "second",
        ["m"] = "minute",
        ["h"] = "hour",
        ["d"] = "day",
        ["w"] = "week",
        ["mo"] = "month",
        ["y"] = "year",
    };

    /// <summary>The name of a family, and the unit that it ends with.</summary>
    public static (string Name, string? Unit) Family(string instrument, string? unit, MetricKind kind)
    {
        var name = Sanitize(instrument);
        if (kind == MetricKind.Counter && name.EndsWith("_total", StringComparison.Ordinal) && name.Length > "_total".Length)
            name = name[..^"_total".Length];
        if (Unit(unit, kind) is not { Length: > 0 } suffix)
            return (name, null);
        return (name == suffix || name.EndsWith("_" + suffix, StringComparison.Ordinal) ? name : $"{name}_{suffix}", suffix);
    }

    /// <summary>The name of a label. Names with <c>__</c> in front are the collector's own.</summary>
    public static string Label(string tag)
    {
        var name = Sanitize(tag);
        return name.StartsWith("__", StringComparison.Ordinal) ? "key" + name : name;
    }

    private static string? Unit(string? unit, MetricKind kind)
    {
        if (string.IsNullOrEmpty(unit))
            return null;
        if (unit == "1")
            return kind == MetricKind.Gauge ? "ratio" : null;
        var slash = unit.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return One(unit, Units);
        var per = One(unit[(slash + 1)..], PerUnits);
        var what = One(unit[..slash], Units);
        return per is null ? what : what is null ? "per_" + per : $"{what}_per_{per}";
    }

    // What stands in braces is a remark, not a unit.
    private static string? One(string unit, Dictionary<string, string> known)
    {
        var open = unit.IndexOf('{', StringComparison.Ordinal);
        var bare = (open < 0 ? unit : unit[..open]).Trim();
        return bare.Length == 0 ? null : known.TryGetValue(bare, out var name) ? name : Sanitize(bare).Trim('_') is { Length: > 0 } other ? other : null;
    }

    private static string Sanitize(string text)
    {
        var name = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            var kept = char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_';
            if (name.Length == 0 && char.IsAsciiDigit(kept))
                name.Append('_');

            // Several of them in a row come from characters that no name may have.
            if (kept != '_' || c == '_' || name.Length == 0 || name[^1] != '_')
                name.Append(kept);
        }

        return name.Length == 0 ? "_" : name.ToString();
    }
}
