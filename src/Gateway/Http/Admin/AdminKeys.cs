using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ClusterChat.Gateway.Http.Admin;

/// <summary>
/// The keys of operators, as hashes: whoever reads the configuration cannot use them. They are random and long, so one round
/// of SHA-256 is enough.
/// </summary>
public sealed class AdminKeys
{
    private const string Prefix = "ccadm_";
    private const int KeyBytes = 32;
    private readonly IReadOnlyList<(string Name, byte[] Hash)> _keys;

    private AdminKeys(IReadOnlyList<(string Name, byte[] Hash)> keys) => _keys = keys;

    /// <summary>Whether there are none, and so no admin API.</summary>
    public bool IsEmpty => _keys.Count == 0;

    /// <summary>Makes a new key.</summary>
    /// <param name="name">What it is called in the configuration and in the audit log.</param>
    /// <returns>The key, which is shown once, and what belongs into the configuration.</returns>
    public static (string Key, string Entry) Create(string name)
    {
        var key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));
        return (key, $"{name}:{Convert.ToHexStringLower(Hash(key))}");
    }

    /// <summary>Whether a key can have this name.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@');

    /// <summary>What is wrong, each with the key below the section.</summary>
    public static IEnumerable<(string Key, string Problem)> Check(AdminOptions options)
    {
        const string Expected = "must be a name and a SHA-256 hash in hexadecimal digits, name:hash, as clusterchat admin-key prints it";
        for (var i = 0; i < options.Keys.Count; i++)
        {
            if (Parse(options.Keys[i]) is null)
            {
                yield return ($"Keys:{i}", Expected);
            }
        }

        string? problem = null;
        try
        {
            var wrong = Lines(options).Where(l => Parse(l.Text) is null).Select(l => l.Number).FirstOrDefault();
            problem = wrong == 0 ? null : $"line {wrong} {Expected}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = error.Message;
        }

        if (problem is not null)
        {
            yield return ("KeysFile", problem);
        }
    }

    /// <summary>Reads the keys, which were checked.</summary>
    public static AdminKeys Load(AdminOptions options)
        => new([.. options.Keys.Concat(Lines(options).Select(l => l.Text)).Select(k => Parse(k)!.Value)]);

    /// <summary>The name of a key; null where there is no such one. It takes as long for a wrong one as for a right one.</summary>
    public string? NameOf(string key)
    {
        var hash = Hash(key);
        string? found = null;
        foreach (var (name, known) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, known))
            {
                found = name;
            }
        }

        return found;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static (string Name, byte[] Hash)? Parse(string entry)
    {
        var colon = entry.LastIndexOf(':');
        var hash = colon < 0 ? string.Empty : entry[(colon + 1)..].Trim();
        return colon > 0 && IsName(entry[..colon].Trim()) && hash.Length == 2 * SHA256.HashSizeInBytes && hash.All(char.IsAsciiHexDigit)
            ? (entry[..colon].Trim(), Convert.FromHexString(hash))
            : null;
    }

    private static IEnumerable<(int Number, string Text)> Lines(AdminOptions options)
        => string.IsNullOrEmpty(options.KeysFile) ? []
            : File.ReadAllLines(options.KeysFile)
                .Select((line, i) => (Number: i + 1, Text: line.Trim()))
                .Where(l => l.Text.Length > 0 && l.Text[0] != '#');
}
