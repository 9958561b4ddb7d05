using System.Text.Json;
using System.Text.RegularExpressions;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests.Observability;

/// <summary>The dashboard and the alert rules of <c>deploy/observability</c>: they speak of what a node really shows.</summary>
public sealed partial class DeployedFileTests
{
    private static readonly string Root = FindRoot();
    private static readonly string Rules = Path.Combine(Root, "deploy/observability/prometheus/clusterchat.rules.yaml");
    private static readonly string RuleTests = Path.Combine(Root, "deploy/observability/prometheus/clusterchat.rules.test.yaml");
    private static readonly string Dashboard = Path.Combine(Root, "deploy/observability/grafana/clusterchat.json");

    [Fact]
    public async Task Whatever_they_ask_for_is_shown_by_a_node()
    {
        // With what is shown only where it is set.
        await using var group = await NodeGroup.StartAsync(o => o.With("Audit:Enabled", "true").With("Journal:MaxBytes", "1000000000000"), "n1", "n2");
        var shown = (await Scrape.ReadAsync(group["n1"].Address!)).Values.SelectMany(f => f.Samples).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);

        // Made by Prometheus for whatever it scrapes.
        shown.Add("up");
        var asked = Expressions().SelectMany(e => Names(e)).ToHashSet(StringComparer.Ordinal);
        asked.Count.ShouldBeGreaterThan(40);
        asked.Except(shown).ShouldBeEmpty();
    }

    [Fact]
    public async Task Whatever_labels_they_choose_by_are_shown_by_a_node()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path });
        var samples = (await Scrape.ReadAsync(node.Address!)).Values.SelectMany(f => f.Samples).ToList();
        foreach (var (name, labels) in Expressions().SelectMany(e => Selections().Matches(e)).Select(m => (m.Groups["name"].Value, m.Groups["labels"].Value)))
        {
            foreach (var wanted in Equalities().Matches(labels).Select(m => (Label: m.Groups["label"].Value, Value: m.Groups["value"].Value)))
            {
                samples.ShouldContain(s => s.Name == name && s.Labels.GetValueOrDefault(wanted.Label) == wanted.Value, $"{name}{{{labels}}}");
            }
        }
    }

    [Fact]
    [Trait("Needs", "promtool")]
    public async Task The_rules_are_rules_and_do_what_their_tests_say()
    {
        var (code, output) = await Promtool.RunAsync(string.Empty, "check", "rules", Rules);
        code.ShouldBe(0, output);
        (code, output) = await Promtool.RunAsync(string.Empty, "test", "rules", RuleTests);
        code.ShouldBe(0, output);
    }

    [Fact]
    [Trait("Needs", "promtool")]
    public async Task Each_expression_of_the_dashboard_is_one()
    {
        using var folder = new DataFolder();
        var file = Path.Combine(folder.Path, "dashboard.yaml");
        Directory.CreateDirectory(folder.Path);
        var rules = Panels().Select((expression, i) => $"      - record: panel:{i}\n        expr: {JsonSerializer.Serialize(Filled(expression))}\n");
        await File.WriteAllTextAsync(file, $"groups:\n  - name: dashboard\n    rules:\n{string.Concat(rules)}");
        var (code, output) = await Promtool.RunAsync(string.Empty, "check", "rules", "--lint=none", file);
        code.ShouldBe(0, output);
    }

    [Fact]
    public void Each_alert_has_tests_and_a_page_that_says_what_to_do()
    {
        var rules = File.ReadAllText(Rules);
        var tests = File.ReadAllText(RuleTests);
        var headings = File.ReadAllLines(Path.Combine(Root, "docs/operations.md")).Where(l => l.StartsWith('#')).Select(l => l.TrimStart('#').Trim()).ToList();
        var alerts = Alerts().Matches(rules).Select(m => m.Groups["alert"].Value).ToList();
        alerts.Count.ShouldBeGreaterThan(10);
        foreach (var alert in alerts)
        {
            tests.ShouldContain($"alertname: {alert}\n        exp_alerts:\n", Case.Sensitive, "it fires");
            tests.ShouldContain($"alertname: {alert}\n        exp_alerts: []", Case.Sensitive, "it does not");
            rules.ShouldContain($"runbook: docs/operations.md#{alert.ToLowerInvariant()}\n");
            headings.ShouldContain(alert);
        }

        headings.Where(h => h.StartsWith("ClusterChat", StringComparison.Ordinal)).ShouldBe(alerts, ignoreOrder: true);
    }

    [Fact]
    public void The_dashboard_is_one_whose_panels_do_not_overlap()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Dashboard));
        var panels = json.RootElement.GetProperty("panels").EnumerateArray().ToList();
        panels.Select(p => p.GetProperty("id").GetInt32()).ShouldBeUnique();
        var taken = new HashSet<(int, int)>();
        foreach (var panel in panels)
        {
            var place = panel.GetProperty("gridPos");
            var (x, y, w, h) = (place.GetProperty("x").GetInt32(), place.GetProperty("y").GetInt32(), place.GetProperty("w").GetInt32(), place.GetProperty("h").GetInt32());
            (x + w).ShouldBeLessThanOrEqualTo(24);
            for (var cell = 0; cell < w * h; cell++)
            {
                taken.Add((x + (cell % w), y + (cell / w))).ShouldBeTrue(panel.GetProperty("title").GetString());
            }
        }
    }

    private static IEnumerable<string> Expressions() => Panels().Concat(Lines().Matches(File.ReadAllText(Rules)).Select(m => m.Groups["expr"].Value));

    private static List<string> Panels()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Dashboard));
        return [.. json.RootElement.GetProperty("panels").EnumerateArray()
            .Where(p => p.TryGetProperty("targets", out _))
            .SelectMany(p => p.GetProperty("targets").EnumerateArray())
            .Select(t => t.GetProperty("expr").GetString()!)];
    }

    private static string Filled(string expression) => expression
        .Replace("$__rate_interval", "5m", StringComparison.Ordinal)
        .Replace("$job", ".*", StringComparison.Ordinal)
        .Replace("$instance", ".*", StringComparison.Ordinal);

    // Without labels, by which is selected and summed up.
    private static IEnumerable<string> Names(string expression) => MetricNames().Matches(Groups().Replace(expression, "")).Select(m => m.Value);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ClusterChat.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("There is no ClusterChat.sln above the tests.");
        }

        return folder.FullName;
    }

    // The families that nodes show have these first words; "up" stands before its labels.
    [GeneratedRegex(@"\b(?:clusterchat|dotnet|process|kestrel|http)_\w+\b(?!(?:=~?|!=|!~)"")|\bup(?=\{)", RegexOptions.None, 1000)]
    private static partial Regex MetricNames();

    [GeneratedRegex(@"\bby \([^)]*\)", RegexOptions.None, 1000)]
    private static partial Regex Groups();

    [GeneratedRegex(@"\b(?<name>clusterchat_\w+)\{(?<labels>[^}]*)\}", RegexOptions.None, 1000)]
    private static partial Regex Selections();

    [GeneratedRegex("(?<label>\\w+)=\"(?<value>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Equalities();

    [GeneratedRegex(@"^ +expr: (?<expr>.*)$", RegexOptions.Multiline, 1000)]
    private static partial Regex Lines();

    [GeneratedRegex(@"^ +- alert: (?<alert>\w+)$", RegexOptions.Multiline, 1000)]
    private static partial Regex Alerts();
}
