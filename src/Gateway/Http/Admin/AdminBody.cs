using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Http.Admin;

/// <summary>Reads the JSON objects that operators send.</summary>
internal static class AdminBody
{
    private const int MaxBytes = 64 * 1024;

    /// <exception cref="BadHttpRequestException">It is none, or too long.</exception>
    public static async Task<JsonElement> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxBytes)
        {
            throw new BadHttpRequestException($"The body must not be longer than {MaxBytes} bytes.");
        }

        try
        {
            using var json = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? json.RootElement.Clone()
                : throw new BadHttpRequestException("The body must be a JSON object.");
        }
        catch (JsonException error)
        {
            throw new BadHttpRequestException("The body must be a JSON object.", error);
        }
    }

    /// <summary>A member that has to be there.</summary>
    /// <exception cref="BadHttpRequestException">It is missing, or no text.</exception>
    public static string Text(JsonElement body, string name) => OptionalText(body, name) ?? throw new BadHttpRequestException($"{name}: must be a string");

    /// <summary>A member that may be missing; null then.</summary>
    /// <exception cref="BadHttpRequestException">It is no text.</exception>
    public static string? OptionalText(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : throw new BadHttpRequestException($"{name}: must be a string");
        }
        catch (InvalidOperationException error)
        {
            // Half a character.
            throw new BadHttpRequestException($"{name}: must be a string", error);
        }
    }

    /// <summary>A whole number that may be missing; null then.</summary>
    /// <exception cref="BadHttpRequestException">It is none, or out of range.</exception>
    public static long? OptionalInteger(JsonElement body, string name, long min, long max)
    {
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max
            ? number
            : throw new BadHttpRequestException($"{name}: must be an integer from {min} to {max}");
    }
}
