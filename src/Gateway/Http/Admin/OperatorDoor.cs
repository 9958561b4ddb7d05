using System.Net;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Http.Admin;

/// <summary>Tells operators from others: by their keys, and on pages that only show something, by who is on this machine.</summary>
internal sealed class OperatorDoor(AdminKeys keys, TimeProvider clock, ILogger audit)
{
    private const string KeyHeader = "X-Api-Key";

    private static readonly ProtocolError WrongKey = new(ErrorCode.Unauthorized, KeyHeader + " is missing or wrong.");

    private static readonly ProtocolError NotFromHere = new(
        ErrorCode.Forbidden, "This page is for requests of this machine, and for others at a port of its own (--management), or with an admin key in " + KeyHeader + ".");

    // What proxies say of whom they speak for; the last is what is left of it once it was believed.
    private static readonly string[] Forwarding = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Original-For"];

    /// <summary>
    /// Wrong keys of one address: so much of the log is its own. A crowd that is larger than the table writes more of the log, and keeps no operator
    /// out; some 200 bytes each.
    /// </summary>
    private readonly ShareTable _failures = new(new ShareLimits { RequestsPerSecond = 0.2, RequestBurst = 10 }, 20_000);

    private long _sweptAt;

    /// <summary>Looks at the key that a request shows.</summary>
    /// <param name="context">The request.</param>
    /// <param name="action">What it asks for, for the audit log.</param>
    /// <param name="key">The name of its key.</param>
    /// <returns>Why it is refused; null where it is not.</returns>
    public ProtocolError? Refuse(HttpContext context, string action, out string key)
    {
        key = string.Empty;
        var from = context.Connection.RemoteIpAddress;
        var now = (long)clock.GetElapsedTime(0).TotalMilliseconds;
        SweepFailures(now);
        var failures = _failures.Of(AddressKey.Of(from), now);
        if (failures.RequestWait(now) is > 0 and var retryMs)
        {
            // Whatever key it is: a guess that is looked at is a guess, however it is answered.
            return new ProtocolError(ErrorCode.RateLimited, "Too many wrong keys from your address.", retryMs);
        }

        if (context.Request.Headers[KeyHeader] is [{ Length: > 0 and <= 256 } shown] && keys.NameOf(shown) is { } name)
        {
            key = name;
            return null;
        }

        if (failures.Request(now) == 0)
        {
            audit.AdminRefused(from, action);
        }

        return WrongKey;
    }

    /// <summary>Answers pages to requests of this machine, or with a key.</summary>
    public void Guard(IEndpointConventionBuilder pages) => pages.Add(page =>
    {
        var answer = page.RequestDelegate!;
        page.RequestDelegate = context => RefusePage(context) is { } refused ? Problems.WriteAsync(context, refused) : answer(context);
    });

    private ProtocolError? RefusePage(HttpContext context)
    {
        if (IsOfThisMachine(context))
        {
            return null;
        }

        // Who shows no key guesses none: crawlers and monitors are no reason to keep their address out of the admin API.
        return keys.IsEmpty ? NotFromHere
            : context.Request.Headers.ContainsKey(KeyHeader) ? Refuse(context, "read a page", out _)
            : WrongKey;
    }

    /// <summary>Whether nothing stands between: through a proxy on this machine everybody would be of it.</summary>
    private static bool IsOfThisMachine(HttpContext context)
        => context.Connection.RemoteIpAddress is { } address
            && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
            && !Array.Exists(Forwarding, context.Request.Headers.ContainsKey);

    /// <summary>Not with each request: it looks at all addresses.</summary>
    private void SweepFailures(long now)
    {
        var last = Volatile.Read(ref _sweptAt);
        if (now - last >= 1000 && Interlocked.CompareExchange(ref _sweptAt, now, last) == last)
        {
            _failures.Sweep(now);
        }
    }
}
