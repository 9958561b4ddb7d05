using Microsoft.AspNetCore.Builder;

namespace ClusterChat.Gateway.Http;

/// <summary>What is on each answer, whoever gives it.</summary>
public static class SafeAnswers
{
    /// <summary>Before all else. Browsers then take no answer for anything but what it says it is (<c>X-Content-Type-Options</c>).</summary>
    public static void Use(IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return next(context);
    });
}
