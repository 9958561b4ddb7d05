using System.Text.Json;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ClusterChat.Gateway.Http;

/// <summary>Errors over HTTP: RFC 9457 problem details with the protocol's code.</summary>
internal static class Problems
{
    /// <summary>Answers with an error. The response must not have begun.</summary>
    public static Task WriteAsync(HttpContext context, ProtocolError error) => WriteAsync(context, Status(error.Code), error);

    /// <summary>Answers with an error under a given status.</summary>
    public static async Task WriteAsync(HttpContext context, int status, ProtocolError error)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/problem+json";
        if (error.RetryMs > 0)
        {
            response.Headers.RetryAfter = ((error.RetryMs + 999) / 1000).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("type"u8, "about:blank"u8);
        json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(status));
        json.WriteNumber("status"u8, status);
        json.WriteString("detail"u8, error.Message);
        json.WriteString("code"u8, ErrorCodes.Name(error.Code));
        json.WriteBoolean("temporary"u8, error.IsTemporary);
        if (error.RetryMs > 0)
        {
            json.WriteNumber("retryMs"u8, error.RetryMs);
        }

        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    private static int Status(ErrorCode code) => code switch
    {
        ErrorCode.TooLong => StatusCodes.Status413PayloadTooLarge,
        ErrorCode.NameTaken or ErrorCode.LogChanged => StatusCodes.Status409Conflict,
        ErrorCode.NotFound => StatusCodes.Status404NotFound,
        ErrorCode.Unauthorized => StatusCodes.Status401Unauthorized,
        ErrorCode.NotJoined or ErrorCode.Forbidden or ErrorCode.Banned or ErrorCode.Muted or ErrorCode.RoomLimit
            => StatusCodes.Status403Forbidden,
        ErrorCode.RateLimited => StatusCodes.Status429TooManyRequests,
        ErrorCode.Busy or ErrorCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };
}
