using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterChat.Storage.Postgres;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace ClusterChat.Host;

/// <summary>What the options are in the end, and who says so. Secrets are hidden.</summary>
/// <param name="configuration">All that was read.</param>
/// <param name="commandLine">What came from the command line.</param>
internal sealed class EffectiveOptions(IConfigurationRoot configuration, IReadOnlyDictionary<string, string?> commandLine)
{
    private const string Hidden = "***";

    /// <summary>A JSON object with a line for each option: its value, and where it comes from.</summary>
    public string ToJson(NodeOptions options)
    {
        var defaults = OptionTree.Leaves(new NodeOptions(), NodeOptions.Section).ToDictionary(l => l.Key, l => Text(l.Value), StringComparer.Ordinal);
        var lines = OptionTree.Leaves(options, NodeOptions.Section)
            .Select(l => Line(l.Key, Shown(l), Source(l.Key, Text(l.Value) == defaults[l.Key])))
            .Prepend(Line("urls", configuration["urls"], Source("urls", configuration["urls"] == NodeHost.DefaultUrls)))
            .Concat(configuration.GetSection("Logging").AsEnumerable()
                .Where(p => p.Value is not null)
                .OrderBy(p => p.Key, StringComparer.Ordinal)
                .Select(p => Line(p.Key, p.Value, Source(p.Key, isDefault: false))));
        return $"{{\n{string.Join(",\n", lines)}\n}}";
    }

    private static string Line(string key, JsonNode? value, string source)
        => $"  {JsonSerializer.Serialize(key, JsonText.Plain)}: {new JsonObject { ["value"] = Hide(value), ["source"] = source }.ToJsonString(JsonText.Plain)}";

    private static JsonNode? Hide(JsonNode? value) => value switch
    {
        JsonArray list => new JsonArray([.. list.Select(item => Hide(item?.DeepClone()))]),
        JsonValue text when text.TryGetValue<string>(out var shown) => AddressSecrets.Hide(shown),
        _ => value,
    };

    private static JsonNode? Shown(OptionLeaf leaf) => leaf.Value switch
    {
        null => null,
        _ when leaf.IsSecret => leaf.Property.Name == nameof(NodeOptions.Postgres) ? PostgresStorageOptions.Redact((string)leaf.Value) : Hidden,
        bool flag => flag,
        int number => number,
        long number => number,
        double number => number,
        string text => text,
        IEnumerable list => new JsonArray([.. list.Cast<object>().Select(item => (JsonNode)Text(item)!)]),
        var other => Text(other),
    };

    private static string? Text(object? value) => value switch
    {
        null => null,
        TimeSpan { Ticks: var ticks } time when ticks % TimeSpan.TicksPerSecond != 0 => time.ToString("c", CultureInfo.InvariantCulture).TrimEnd('0'),
        IEnumerable list and not string => string.Join('\n', list.Cast<object>().Select(Text)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    // The last provider that has a key wins. The file beside the program lists the defaults: they are not its own word.
    private string Source(string key, bool isDefault)
    {
        if (commandLine.ContainsKey(key))
        {
            return "command line";
        }

        foreach (var provider in configuration.Providers.Reverse().Where(p => p.TryGet(key, out _) || p.GetChildKeys([], key).Any()))
        {
            switch (provider)
            {
                case JsonConfigurationProvider file when !isDefault:
                    return file.Source.Path ?? "file";

                // What begins with ASPNETCORE_ or DOTNET_ comes as a chain.
                case EnvironmentVariablesConfigurationProvider or ChainedConfigurationProvider:
                    return "environment";
            }
        }

        return "default";
    }
}
