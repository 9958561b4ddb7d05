using System.Globalization;
using System.Text.Json;
using ClusterChat.Host;
using Microsoft.Extensions.Configuration;
using HostOptions = ClusterChat.Host.NodeOptions;

namespace ClusterChat.Cluster.Tests;

/// <summary><c>appsettings.json</c> lists every option of the typed tree with its default, and explains it.</summary>
public sealed class OptionFileTests
{
    private static readonly string File = Path.Combine(AppContext.BaseDirectory, "appsettings.json");
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };

    [Fact]
    public void The_file_has_every_option_and_no_other()
        => Keys(Listed(), HostOptions.Section).ShouldBe(Leaves(new HostOptions()).Select(l => l.Key), ignoreOrder: true);

    [Fact]
    public void The_file_sets_nothing_to_another_value_than_its_default()
    {
        var options = new HostOptions();
        new ConfigurationBuilder().AddJsonFile(File).Build().GetSection(HostOptions.Section).Bind(options);

        Values(options).ShouldBe(Values(new HostOptions()), ignoreOrder: true);
    }

    [Fact]
    public void Every_option_in_the_file_is_explained_right_above_it()
    {
        var lines = System.IO.File.ReadAllLines(File).Select(l => l.Trim()).ToList();
        var section = lines.FindIndex(l => l.StartsWith($"\"{HostOptions.Section}\"", StringComparison.Ordinal));

        lines.Index().Skip(section + 1)
            .Where(l => l.Item.StartsWith('"') && !lines[l.Index - 1].StartsWith("// ", StringComparison.Ordinal))
            .Select(l => l.Item)
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_option_of_the_tree_can_be_set()
    {
        foreach (var leaf in Leaves(new HostOptions()))
            (leaf.Property.SetMethod?.IsPublic ?? OptionTree.IsList(leaf.Property.PropertyType)).ShouldBeTrue(leaf.Key);
    }

    private static IEnumerable<OptionLeaf> Leaves(HostOptions options) => OptionTree.Leaves(options, HostOptions.Section);

    private static List<string> Values(HostOptions options)
        => [.. Leaves(options).Select(l => string.Create(CultureInfo.InvariantCulture, $"{l.Key} = {JsonSerializer.Serialize(l.Value)}"))];

    private static JsonElement Listed()
        => JsonDocument.Parse(System.IO.File.ReadAllText(File), WithComments).RootElement.GetProperty(HostOptions.Section);

    private static IEnumerable<string> Keys(JsonElement element, string path)
        => element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().SelectMany(p => Keys(p.Value, $"{path}:{p.Name}")) : [path];
}
