using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ClusterChat.TestKit;

/// <summary>
/// A strict reader of OpenMetrics 1.0: what its ABNF does not derive, or what its rules for families forbid, is an error. Made
/// from the specification, and not from what this project writes.
/// </summary>
public sealed partial class OpenMetricsText
{
    private static readonly string[] Types = ["counter", "gauge", "histogram", "gaugehistogram", "stateset", "info", "summary", "unknown"];

    private readonly string _text;
    private int _at;

    private OpenMetricsText(string text) => _text = text;

    /// <summary>Reads an exposition.</summary>
    /// <exception cref="FormatException">It is none; the message says where and why.</exception>
    public static Dictionary<string, OpenMetricsFamily> Read(string text) => new OpenMetricsText(text).ReadAll();

    private Dictionary<string, OpenMetricsFamily> ReadAll()
    {
        var families = new Dictionary<string, OpenMetricsFamily>(StringComparer.Ordinal);
        while (!TryTake("# EOF"))
        {
            var family = ReadFamily();
            if (!families.TryAdd(family.Name, family))
                throw Error($"the family {family.Name} comes twice, or is interleaved with another one");
        }

        TryTake("\n");
        if (_at != _text.Length)
            throw Error("there is something after # EOF");
        OpenMetricsRules.Check(families.Values);
        return families;
    }

    private OpenMetricsFamily ReadFamily()
    {
        string? name = null, type = null, unit = null, help = null;
        while (_text.AsSpan(_at).StartsWith("# ") && !_text.AsSpan(_at).StartsWith("# EOF"))
        {
            var start = _at;
            Take("# ");
            var word = Until(' ');
            var described = MetricName();
            if (name is not null && described != name)
            {
                _at = start;
                break;
            }

            name = described;
            Take(" ");
            switch (word)
            {
                case "TYPE" when type is null:
                    type = Until('\n');
                    if (!Types.Contains(type, StringComparer.Ordinal))
                        throw Error($"there is no type {type}");
                    break;
                case "UNIT" when unit is null:
                    unit = Until('\n');
                    if (!unit.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':'))
                        throw Error("the unit has characters that no unit may have");
                    break;
                case "HELP" when help is null:
                    help = Escaped('\n');
                    break;
                default:
                    throw Error($"\"{word}\" is no descriptor, or comes twice for {name}");
            }

            Take("\n");
        }

        if (name is null)
            throw Error("a sample stands before any descriptor");
        var samples = new List<OpenMetricsSample>();
        while (_at < _text.Length && _text[_at] != '#')
        {
            samples.Add(ReadSample());
        }

        return new OpenMetricsFamily(name, type ?? "unknown", unit ?? string.Empty, help ?? string.Empty, samples);
    }

    private OpenMetricsSample ReadSample()
    {
        var name = MetricName();
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (TryTake("{") && !TryTake("}"))
        {
            do
            {
                var label = LabelName();
                Take("=\"");
                if (!labels.TryAdd(label, Escaped('"')))
                    throw Error($"the label {label} comes twice");
                Take("\"");
            }
            while (TryTake(","));
            Take("}");
        }

        Take(" ");
        var number = Until('\n');
        Take("\n");
        return new OpenMetricsSample(name, labels, Number(number));
    }

    // Neither time stamps nor exemplars are written by anything here; what has them is not read.
    private double Number(string text) => text.ToUpperInvariant() switch
    {
        "NAN" => double.NaN,
        "+INF" or "INF" or "+INFINITY" or "INFINITY" => double.PositiveInfinity,
        "-INF" or "-INFINITY" => double.NegativeInfinity,
        _ when RealNumber().IsMatch(text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        _ => throw Error($"\"{text}\" is no number"),
    };

    private string Escaped(char end)
    {
        var value = new StringBuilder();
        for (; _at < _text.Length && _text[_at] != end; _at++)
        {
            switch (_text[_at])
            {
                case '\n' or '"':
                    throw Error("a line feed or a quote that is not escaped");
                case '\\' when ++_at < _text.Length && _text[_at] is 'n' or '"' or '\\':
                    value.Append(_text[_at] == 'n' ? '\n' : _text[_at]);
                    break;
                case '\\':
                    throw Error("an escape that means nothing");
                default:
                    value.Append(_text[_at]);
                    break;
            }
        }

        return value.ToString();
    }

    private string MetricName() => Match(MetricNames(), "a metric's name");

    private string LabelName() => Match(LabelNames(), "a label's name");

    private string Match(Regex pattern, string what)
    {
        var match = pattern.Match(_text, _at);
        if (!match.Success)
            throw Error($"{what} was expected");
        _at += match.Length;
        return match.Value;
    }

    private string Until(char end)
    {
        var found = _text.IndexOf(end, _at);
        if (found < 0)
            throw Error("the text ends within a line");
        var value = _text[_at..found];
        _at = end == ' ' ? found + 1 : found;
        return value;
    }

    private void Take(string expected)
    {
        if (!TryTake(expected))
            throw Error($"\"{expected.Replace("\n", "\\n", StringComparison.Ordinal)}\" was expected");
    }

    private bool TryTake(string expected)
    {
        if (!_text.AsSpan(_at).StartsWith(expected, StringComparison.Ordinal))
            return false;
        _at += expected.Length;
        return true;
    }

    private FormatException Error(string what)
    {
        var line = _text.AsSpan(0, Math.Min(_at, _text.Length)).Count('\n') + 1;
        return new FormatException($"Line {line}: {what}.");
    }

    [GeneratedRegex(@"\G[a-zA-Z_:][a-zA-Z0-9_:]*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MetricNames();

    [GeneratedRegex(@"\G[a-zA-Z_][a-zA-Z0-9_]*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelNames();

    [GeneratedRegex(@"\A[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RealNumber();
}
