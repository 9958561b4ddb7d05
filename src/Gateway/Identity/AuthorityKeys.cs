using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ClusterChat.Gateway.Identity;

/// <summary>
/// The keys of an OpenID Connect authority. They are read anew once an hour, so that a withdrawn key is forgotten, and when a
/// token names one that is not known, so that a new key works at once. However many tokens ask, the authority is
/// asked once at a time and every few seconds at most. While it is away the last keys stay.
/// </summary>
internal sealed class AuthorityKeys : ITokenKeys
{
    /// <summary>A withdrawn key is taken for so long at most, while the authority can be reached.</summary>
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromHours(1);

    /// <summary>Forged tokens with invented ids cost the authority one request in this time.</summary>
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5);

    private readonly Func<CancellationToken, Task<OpenIdConnectConfiguration>> _read;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _asking = new();
    private Task? _asked;
    private long _askedAt;
    private volatile KeySet? _known;

    /// <param name="read">Reads the discovery document and the keys that it points to.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">The log.</param>
    public AuthorityKeys(Func<CancellationToken, Task<OpenIdConnectConfiguration>> read, TimeProvider clock, ILogger logger)
    {
        _read = read;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Reads over HTTP.</summary>
    public static AuthorityKeys Over(HttpClient http, Uri discovery, TimeProvider clock, ILogger logger)
    {
        // Which addresses may be without TLS was checked with the options.
        var documents = new HttpDocumentRetriever(http) { RequireHttps = discovery.Scheme == Uri.UriSchemeHttps };
        return new AuthorityKeys(stop => OpenIdConnectConfigurationRetriever.GetAsync(discovery.AbsoluteUri, documents, stop), clock, logger);
    }

    public ValueTask<KeyLookup> FindAsync(string? id, CancellationToken cancellationToken)
    {
        if (_known is { } known && known.Find(id) is { } key)
        {
            if (_clock.GetElapsedTime(known.ReadAt) > RefreshAfter)
            {
                // Nobody waits for it; its failure is logged.
                _ = Refresh();
            }

            return new(new KeyLookup(key, known.Issuer));
        }

        return AskAsync(id, cancellationToken);
    }

    private async ValueTask<KeyLookup> AskAsync(string? id, CancellationToken cancellationToken)
    {
        var before = _known;
        await Refresh().WaitAsync(cancellationToken);
        var known = _known;
        if (known?.Find(id) is { } key)
        {
            return new KeyLookup(key, known.Issuer);
        }

        // Only who has looked since this token came knows that there is no such key.
        return known is not null && !ReferenceEquals(known, before)
            ? new KeyLookup(null)
            : new KeyLookup(null, RetryMs: (int)AskEvery.TotalMilliseconds);
    }

    /// <summary>Asks the authority, or joins who does; does nothing where it was asked a moment ago.</summary>
    private Task Refresh()
    {
        lock (_asking)
        {
            if (_asked is { IsCompleted: false })
            {
                return _asked;
            }

            if (_asked is not null && _clock.GetElapsedTime(_askedAt) < AskEvery)
            {
                return Task.CompletedTask;
            }

            _askedAt = _clock.GetTimestamp();
            return _asked = ReadAsync();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            // Bounded by the time-out of the HTTP client; it belongs to no caller, since others wait for it too.
            var read = await _read(CancellationToken.None);
            var keys = read.SigningKeys.Select(TokenKey.OfPublic).OfType<TokenKey>().ToArray();
            if (keys.Length == 0)
            {
                _logger.AuthorityAway("it publishes no key that can be used");
                return;
            }

            var changed = _known is not { } old || !old.HasSameKeys(keys);
            _known = new KeySet(keys, read.Issuer, _clock.GetTimestamp());
            if (changed)
            {
                _logger.AuthorityKeysRead(keys.Length, read.Issuer);
            }
        }
        catch (Exception error) when (error is IOException or HttpRequestException or InvalidOperationException or ArgumentException or OperationCanceledException or System.Text.Json.JsonException)
        {
            _logger.AuthorityAway((error.InnerException ?? error).Message);
        }
    }

    private sealed record KeySet(TokenKey[] Keys, string Issuer, long ReadAt)
    {
        // A token without an id is only clear where there is one key.
        public TokenKey? Find(string? id) => string.IsNullOrEmpty(id)
            ? Keys is [var only] ? only : null
            : Array.Find(Keys, k => k.Key.KeyId == id);

        public bool HasSameKeys(TokenKey[] others) => Keys.Select(k => k.Key.KeyId).SequenceEqual(others.Select(k => k.Key.KeyId), StringComparer.Ordinal);
    }
}
