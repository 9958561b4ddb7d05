using System.Text.RegularExpressions;

namespace ClusterChat.Shared.Tests;

/// <summary>
/// The direction of dependencies, which nothing else enforces inside of an assembly. The rules are the table of
/// docs/architecture.md, section "Layers", itself.
/// </summary>
public sealed partial class LayeringTests
{
    private static readonly string Root = FindRoot();

    private static readonly Dictionary<string, string[]> Allowed = ReadRules();

    public static TheoryData<string> Folders => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_uses_only_what_lies_below_it(string folder)
    {
        var violations =
            from file in Sources(folder)
            from Match use in OwnNamespace().Matches(File.ReadAllText(file))
            where use.Groups[1].Value != Own(folder) && !Allowed[folder].Contains(use.Groups[1].Value)
            select $"{Path.GetRelativePath(Root, file)}: {use.Value}";
        violations.ShouldBeEmpty();
    }

    [Fact]
    public void Every_source_file_stands_in_a_folder_with_a_rule()
    {
        Allowed.Keys.SelectMany(Sources).ShouldNotBeEmpty();
        Sources("src").Select(f => Path.GetRelativePath(Root, f)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_rule_is_for_a_folder_that_is_there_and_allows_what_is_there()
    {
        Allowed.Keys.Where(f => !Directory.Exists(Path.Combine(Root, f))).ShouldBeEmpty();
        Allowed.Values.SelectMany(a => a).Except(Allowed.Keys.Select(Own)).ShouldBeEmpty();
    }

    [Fact]
    public void Gateway_and_rooms_do_not_reference_each_other()
    {
        var gateway = File.ReadAllText(Path.Combine(Root, "src/Gateway/ClusterChat.Gateway.csproj"));
        var rooms = File.ReadAllText(Path.Combine(Root, "src/RoomActors/ClusterChat.RoomActors.csproj"));
        gateway.ShouldNotContain("RoomActors.csproj");
        rooms.ShouldNotContain("Gateway.csproj");
    }

    private static Dictionary<string, string[]> ReadRules()
    {
        var rules = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var cells in File.ReadLines(Path.Combine(Root, "docs/architecture.md"))
            .SkipWhile(l => l != "| folder | subject | may use |").Skip(2).TakeWhile(l => l.StartsWith('|')).Select(l => l.Split('|', StringSplitOptions.TrimEntries)))
        {
            rules.Add(cells[1].Trim('`'), cells[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        }

        return rules.Count > 0 ? rules : throw new InvalidOperationException("docs/architecture.md has no table of layers.");
    }

    /// <summary>The namespace of a folder, below that of the program.</summary>
    private static string Own(string folder) => folder == "src/ClusterChat"
        ? "Host"
        : folder.Replace("src/Shared/", "", StringComparison.Ordinal).Replace("src/", "", StringComparison.Ordinal).Replace('/', '.');

    /// <summary>The files of a folder, but for those of folders in it that have a rule of their own.</summary>
    private static IEnumerable<string> Sources(string folder)
    {
        var path = Path.Combine(Root, folder);
        return Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
                .Where(f => !Allowed.Keys.Any(k => k.StartsWith($"{folder}/", StringComparison.Ordinal) && f.StartsWith(Path.Combine(Root, k) + '/', StringComparison.Ordinal)))
            : [];
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ClusterChat.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("ClusterChat.sln is not above the tests.");
    }

    [GeneratedRegex(@"\bClusterChat\.(Protocol|Actors|Diagnostics|Cluster(?:\.(?:Engine|Arbiter|Tls|Allocation))?|Messages|RoomActors|Gateway|Storage|Host)\b(?!\.csproj|\.db|\.Tests)")]
    private static partial Regex OwnNamespace();
}
