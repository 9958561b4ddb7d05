using System.Buffers.Text;
using System.Text.Json;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Abuse;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Http.Admin;

/// <summary>Operators keep somebody out, let in again, and end sessions of guests; protocol, section 7.</summary>
internal sealed class BlockApi(AbuseSetup abuse, GatewayCalls gateways, TimeProvider clock)
{
    private const int MaxValueLength = 255;
    private const int MaxReasonLength = 200;

    /// <summary>Ten years: whoever means longer means for good.</summary>
    private const long MaxSeconds = 10 * 365 * 24 * 3600;

    private const string GuestPrefix = "g:";
    private const int GuestIdLength = 22;

    /// <summary>Sessions are good by each gateway's own clock, and one may be given out anew while the word of its end is on its way.</summary>
    private static readonly TimeSpan SessionSlack = TimeSpan.FromHours(1);

    private readonly IBlockStore _store = abuse.Blocks;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Keeps somebody out: ends what is there, on all gateways.</summary>
    /// <param name="context">The request.</param>
    /// <param name="key">The name of the operator's key.</param>
    public async Task<AdminResult> PutAsync(HttpContext context, string key)
    {
        var body = await AdminBody.ReadAsync(context);
        var kind = Kind(AdminBody.Text(body, "kind"));
        var value = Value(kind, AdminBody.Text(body, "value"));
        var seconds = AdminBody.OptionalInteger(body, "seconds", 1, MaxSeconds);
        var reason = AdminBody.OptionalText(body, "reason") ?? string.Empty;
        if (reason.Length > MaxReasonLength || HasBreak(reason))
        {
            throw new BadHttpRequestException($"reason: must have at most {MaxReasonLength} characters, and no line ends or other control characters");
        }

        var now = Now;
        var until = seconds is { } length ? now + (length * 1000) : Block.Forever;
        return await PutAsync(new Block(kind, value, now, until, reason, key));
    }

    /// <summary>A page of blocks.</summary>
    public async Task<AdminResult> ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = (int)RoomApi.Integer(context, "limit", 100, 1, 1000);
        BlockKind? kind = query["kind"].ToString() is { Length: > 0 } name ? KindOrEnded(name) : null;
        var value = query["value"].ToString() is { Length: > 0 } text ? Value(kind, text) : null;
        var found = await _store.ListAsync(kind, value, Cursor(query["after"].ToString()), limit + 1, context.RequestAborted);
        var page = found.Take(limit).ToList();
        return new AdminResult($"kind={LogText.Value(query["kind"].ToString())} value={LogText.Value(value)}", $"{page.Count} blocks", json =>
        {
            json.WriteStartArray("blocks"u8);
            foreach (var block in page)
            {
                json.WriteStartObject();
                Write(json, block);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteBoolean("more"u8, found.Count > limit);
            if (found.Count > limit)
            {
                json.WriteString("after"u8, $"{BlockKinds.Name(page[^1].Kind)}/{page[^1].Value}");
            }
        });
    }

    /// <summary>Lets somebody in again.</summary>
    public async Task<AdminResult> DeleteAsync(HttpContext context)
    {
        var kind = Kind(context.Request.Query["kind"].ToString());
        var value = Value(kind, context.Request.Query["value"].ToString());
        var target = Target(kind, value);
        return await _store.DeleteAsync(kind, value, CancellationToken.None)
            ? await gateways.TellAllAsync(target, new ApplyBlocks(), "disconnected", json => json.WriteBoolean("deleted"u8, true))
            : new AdminResult(target, new ProtocolError(ErrorCode.NotFound, "There is no such block."));
    }

    /// <summary>Ends a guest's session: from then on it is nobody's, and who shows it is a new guest.</summary>
    /// <param name="context">The request.</param>
    /// <param name="key">The name of the operator's key.</param>
    public async Task<AdminResult> EndSessionAsync(HttpContext context, string key)
    {
        var session = (string)context.Request.RouteValues["session"]!;
        if (!session.StartsWith(GuestPrefix, StringComparison.Ordinal) || session.Length != GuestPrefix.Length + GuestIdLength
            || !Base64Url.IsValid(session.AsSpan(GuestPrefix.Length)))
        {
            return new AdminResult(LogText.Value(session), new ProtocolError(
                ErrorCode.BadRequest, "session: must be that of a guest, as the list of connections has it. A token's is kept out by a block."));
        }

        var now = clock.GetUtcNow();
        var until = abuse.GuestSessionAge + SessionSlack is var kept && kept < DateTimeOffset.MaxValue - now ? (now + kept).ToUnixTimeMilliseconds() : Block.Forever;
        return await PutAsync(new Block(BlockKind.EndedSession, session, now.ToUnixTimeMilliseconds(), until, string.Empty, key));
    }

    private async Task<AdminResult> PutAsync(Block block)
    {
        var target = Target(block.Kind, block.Value);

        // Once begun it is not given up half way because the operator's connection breaks.
        return await _store.PutAsync(block, abuse.BlockOptions.Most, CancellationToken.None)
            ? await gateways.TellAllAsync(target, new ApplyBlocks(), "disconnected", json => Write(json, block))
            : new AdminResult(target, new ProtocolError(
                ErrorCode.Forbidden, $"There are {abuse.BlockOptions.Most} blocks already (Blocks:Most): take some away, or block networks instead of addresses."));
    }

    private static string Target(BlockKind kind, string value) => $"{BlockKinds.Name(kind)} {LogText.Value(value)}";

    private static void Write(Utf8JsonWriter json, Block block)
    {
        json.WriteString("kind"u8, BlockKinds.Name(block.Kind));
        json.WriteString("value"u8, block.Value);
        json.WriteNumber("since"u8, block.Since);
        if (block.Until != Block.Forever)
        {
            json.WriteNumber("until"u8, block.Until);
        }

        json.WriteString("reason"u8, block.Reason);
        json.WriteString("by"u8, block.By);
    }

    // An ended session stays ended, and comes about by its own call.
    private static BlockKind Kind(string name) => BlockKinds.Find(name) is { } kind and not BlockKind.EndedSession
        ? kind
        : throw new BadHttpRequestException("kind: must be user, session or address");

    private static BlockKind KindOrEnded(string name)
        => BlockKinds.Find(name) ?? throw new BadHttpRequestException("kind: must be user, session, address or ended_session");

    /// <summary>The form in which all nodes know it.</summary>
    private static string Value(BlockKind? kind, string text)
    {
        if (kind == BlockKind.Address)
        {
            var (range, problem) = AddressRange.Parse(text);
            return range?.ToString() ?? throw new BadHttpRequestException("value: " + problem);
        }

        return text.Length is > 0 and <= MaxValueLength && !HasBreak(text) && Rules.CanBeNormalized(text)
            ? text
            : throw new BadHttpRequestException($"value: must have 1 to {MaxValueLength} characters, and no control characters");
    }

    private static bool HasBreak(string text) => text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029');

    private static (BlockKind Kind, string Value)? Cursor(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && BlockKinds.Find(text[..slash]) is { } kind && !HasBreak(text) && Rules.CanBeNormalized(text)
            ? (kind, text[(slash + 1)..])
            : throw new BadHttpRequestException("after: must be what an earlier page gave");
    }
}
