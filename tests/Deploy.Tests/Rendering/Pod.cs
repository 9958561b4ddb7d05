using System.Text.Json.Nodes;

namespace ClusterChat.Deploy.Tests.Rendering;

/// <summary>The pods of a workload, as its template makes them.</summary>
internal sealed record Pod(Manifest Owner, JsonObject Template)
{
    public JsonObject Spec => Template["spec"]!.AsObject();

    public IReadOnlyDictionary<string, string> Labels => Template["metadata"]!["labels"].ToMap();

    public IEnumerable<JsonObject> Containers => Spec["initContainers"].Items().Concat(Spec["containers"].Items());

    /// <summary>The one container of a ClusterChat node.</summary>
    public JsonObject Node => Containers.Single();

    /// <summary>Ports by name.</summary>
    public IReadOnlyDictionary<string, int> Ports => Containers.SelectMany(c => c["ports"].Items())
        .ToDictionary(p => p["name"]!.GetValue<string>(), p => p["containerPort"]!.GetValue<int>(), StringComparer.Ordinal);

    public bool IsClusterChat => Labels.GetValueOrDefault("app.kubernetes.io/name") == "clusterchat";

    /// <summary>The number of a port that is given by number or by name.</summary>
    public int? PortNumber(JsonNode? port) => port switch
    {
        null => null,
        JsonValue value when value.TryGetValue<int>(out var number) => number,
        _ => Ports.TryGetValue(port.GetValue<string>(), out var named) ? named : null,
    };

    /// <summary>
    /// The environment of the node's process: ConfigMaps first, its own over them, <c>$(NAME)</c> replaced, and pod fields made up.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment(IReadOnlyList<Manifest> all)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var from in Node["envFrom"].Items())
        {
            var name = from["configMapRef"]!["name"]!.GetValue<string>();
            foreach (var (key, value) in all.Single(m => m.Kind == "ConfigMap" && m.Name == name).Root["data"].ToMap())
                environment[key] = value;
        }

        foreach (var entry in Node["env"].Items())
        {
            var value = entry["value"]?.GetValue<string>() ?? entry["valueFrom"]!["fieldRef"]!["fieldPath"]!.GetValue<string>() switch
            {
                "metadata.name" => Owner.Name + "-7c9d8b6f5-x2x9z",
                "status.podIP" => "10.244.1.7",
                var path => throw new InvalidOperationException($"{Owner}: the tests do not know the field {path}"),
            };
            foreach (var (name, known) in environment)
                value = value.Replace($"$({name})", known, StringComparison.Ordinal);
            environment[entry["name"]!.GetValue<string>()] = value;
        }

        return environment;
    }
}
