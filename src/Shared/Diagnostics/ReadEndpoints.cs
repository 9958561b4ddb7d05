using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ClusterChat.Diagnostics;

/// <summary>What only reads answers <c>HEAD</c> like <c>GET</c>, without the body: load balancers probe with it.</summary>
public static class ReadEndpoints
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Adds an endpoint for <c>GET</c> and <c>HEAD</c>. What it writes for a HEAD the server drops, so only an answer
    /// that is waited for, or that has no end, has to look at the method.
    /// </summary>
    /// <param name="app">The application, or a group of it.</param>
    /// <param name="pattern">The path.</param>
    /// <param name="handle">Answers.</param>
    public static IEndpointConventionBuilder MapRead(this IEndpointRouteBuilder app, string pattern, RequestDelegate handle)
        => app.MapMethods(pattern, Methods, handle);
}
