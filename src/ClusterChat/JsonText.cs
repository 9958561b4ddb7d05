using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClusterChat.Host;

/// <summary>JSON for eyes and terminals: only what JSON itself demands is escaped.</summary>
internal static class JsonText
{
    public static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
