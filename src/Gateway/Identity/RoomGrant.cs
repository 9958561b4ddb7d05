using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Identity;

/// <summary>The rooms that somebody may enter: exact names, and prefixes such as <c>team-*</c>.</summary>
internal sealed class RoomGrant
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _prefixes = [];

    public RoomGrant(IEnumerable<string> patterns)
    {
        foreach (var given in patterns)
        {
            // As rooms are named, however the issuer of a token spells them.
            var pattern = Rules.CanBeNormalized(given) ? given.Normalize() : given;
            if (pattern.EndsWith('*'))
            {
                _prefixes.Add(pattern[..^1]);
            }
            else
            {
                _names.Add(pattern);
            }
        }
    }

    /// <summary>All rooms.</summary>
    public static RoomGrant All { get; } = new(["*"]);

    public bool Allows(string room) => _names.Contains(room) || _prefixes.Exists(p => room.StartsWith(p, StringComparison.Ordinal));
}
