using System.Text.RegularExpressions;

namespace ClusterChat.Shared.Tests;

/// <summary>
/// The direction of dependencies, which nothing else enforces inside of an assembly. The table is the one of
/// docs/architecture.md.
/// </summary>
public sealed partial class LayeringTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["src/Shared/Protocol"] = ["Protocol"],
        ["src/Shared/Actors"] = ["Actors"],
        ["src/Shared/Diagnostics"] = ["Diagnostics"],
        ["src/Shared/Cluster"] = ["Cluster", "Protocol", "Actors", "Diagnostics"],
        ["src/Shared/Messages"] = ["Messages", "Cluster", "Protocol", "Diagnostics"],
        ["src/Shared/Hosting"] = ["Hosting", "Cluster", "Protocol", "Actors", "Diagnostics"],
        ["src/RoomActors"] = ["RoomActors", "Hosting", "Cluster", "Protocol", "Actors", "Diagnostics"],
        ["src/Gateway"] = ["Gateway", "Hosting", "Cluster", "Protocol", "Actors", "Diagnostics"],
        ["src/Storage"] = ["Storage", "RoomActors", "Hosting", "Cluster", "Protocol", "Actors", "Diagnostics"],
        ["src/ClusterChat"] = ["Host", "Gateway", "RoomActors", "Storage", "Hosting", "Cluster", "Protocol", "Actors", "Diagnostics"],
    };

    private static readonly string Root = FindRoot();

    public static TheoryData<string> Folders => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_uses_only_what_lies_below_it(string folder)
    {
        var violations =
            from file in Sources(folder)
            from Match use in OwnNamespace().Matches(File.ReadAllText(file))
            where !Allowed[folder].Contains(use.Groups[1].Value)
            select $"{Path.GetRelativePath(Root, file)}: {use.Value}";
        violations.ShouldBeEmpty();
    }

    [Fact]
    public void Every_source_file_stands_in_a_folder_with_a_rule()
    {
        var covered = Allowed.Keys.SelectMany(Sources).ToHashSet(StringComparer.Ordinal);
        Sources("src").Where(f => !covered.Contains(f)).Select(f => Path.GetRelativePath(Root, f)).ShouldBeEmpty();
    }

    [Fact]
    public void Gateway_and_rooms_do_not_reference_each_other()
    {
        var gateway = File.ReadAllText(Path.Combine(Root, "src/Gateway/ClusterChat.Gateway.csproj"));
        var rooms = File.ReadAllText(Path.Combine(Root, "src/RoomActors/ClusterChat.RoomActors.csproj"));
        gateway.ShouldNotContain("RoomActors.csproj");
        rooms.ShouldNotContain("Gateway.csproj");
    }

    private static IEnumerable<string> Sources(string folder)
    {
        var path = Path.Combine(Root, folder);
        return Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
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

    [GeneratedRegex(@"\bClusterChat\.(Protocol|Actors|Diagnostics|Cluster|Messages|Hosting|RoomActors|Gateway|Storage|Host)\b(?!\.csproj|\.db|\.Tests)")]
    private static partial Regex OwnNamespace();
}
