namespace ClusterChat.Gateway.Identity;

/// <summary>Knows the keys that tokens are signed with.</summary>
internal interface ITokenKeys
{
    /// <summary>Finds the key of a token. Completes at once where the key is known.</summary>
    /// <param name="id">The key's id in the token's header; null or empty where it has none.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask<KeyLookup> FindAsync(string? id, CancellationToken cancellationToken);
}

/// <summary>What became of a search for a key.</summary>
/// <param name="Key">The key; null where there is none.</param>
/// <param name="Issuer">What <c>iss</c> must be, as far as the owner of the keys says so.</param>
/// <param name="RetryMs">Above 0: nobody knows right now whether there is such a key, ask again after so long.</param>
internal readonly record struct KeyLookup(TokenKey? Key, string? Issuer = null, int RetryMs = 0);
