using System.Text.Json.Nodes;

namespace ClusterChat.Deploy.Tests.Rendering;

/// <summary>One rendered Kubernetes object.</summary>
/// <param name="Root">All of it.</param>
/// <param name="Text">The YAML that it was read from.</param>
internal sealed record Manifest(JsonObject Root, string Text)
{
    public string Kind => Root["kind"]!.GetValue<string>();

    public string ApiVersion => Root["apiVersion"]!.GetValue<string>();

    public string Name => Root["metadata"]!["name"]!.GetValue<string>();

    public string? Namespace => Root["metadata"]!["namespace"]?.GetValue<string>();

    public JsonObject Spec => Root["spec"]!.AsObject();

    public IReadOnlyDictionary<string, string> Labels => Root["metadata"]!["labels"].ToMap();

    /// <summary>Of a workload: the template of its pods.</summary>
    public Pod? Pod => Root["spec"]?["template"] is JsonObject template ? new Pod(this, template) : null;

    public override string ToString() => $"{Kind} {Name}";
}
