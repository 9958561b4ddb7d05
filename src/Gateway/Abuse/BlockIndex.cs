using System.Net;
using ClusterChat.Cluster.Abuse;
using ClusterChat.Gateway.Identity;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Abuse;

/// <summary>
/// A list of blocks to be asked, immutable. Asking costs a look-up for each kind of which there is any, for addresses one for each length of prefix.
/// </summary>
internal sealed class BlockIndex
{
    /// <summary>Nobody is kept out.</summary>
    public static readonly BlockIndex Empty = new([]);

    private readonly Dictionary<string, Block> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Block> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Block> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Block> _endedSessions = new(StringComparer.Ordinal);
    private readonly Dictionary<AddressRange, Block> _addresses = [];
    private readonly int[] _prefixesV4;
    private readonly int[] _prefixesV6;

    /// <param name="blocks">The blocks. What this version cannot read keeps nobody out.</param>
    public BlockIndex(IReadOnlyList<Block> blocks)
    {
        foreach (var block in blocks)
        {
            Add(block);
        }

        _prefixesV4 = Prefixes(isV6: false);
        _prefixesV6 = Prefixes(isV6: true);
    }

    /// <summary>How many there are of a kind.</summary>
    public int Count(BlockKind kind) => kind switch
    {
        BlockKind.User => _users.Count,
        BlockKind.Session => _sessions.Count,
        BlockKind.Address => _addresses.Count,
        BlockKind.EndedSession => _endedSessions.Count,
        _ => 0,
    };

    /// <summary>Whether anybody can be met at all.</summary>
    public bool IsEmpty => _users.Count + _sessions.Count + _addresses.Count + _endedSessions.Count == 0;

    /// <summary>The block that keeps an address out; null for none.</summary>
    /// <param name="address">The address; null where it is not known.</param>
    /// <param name="now">Unix time in milliseconds.</param>
    public Block? OfAddress(IPAddress? address, long now)
    {
        if (address is null || _addresses.Count == 0)
        {
            return null;
        }

        var single = AddressRange.Of(address);
        foreach (var prefix in single.IsV6 ? _prefixesV6 : _prefixesV4)
        {
            if (_addresses.TryGetValue(single.Within(prefix), out var block) && block.Until > now)
            {
                return block;
            }
        }

        return null;
    }

    /// <summary>The block that keeps somebody out, by the user or the session; null for none.</summary>
    /// <param name="who">Who it is.</param>
    /// <param name="now">Unix time in milliseconds.</param>
    public Block? OfIdentity(ClientIdentity who, long now)
        => Find(_users, who.Member.User, now)
            ?? (who.SessionId is { } session ? Find(_sessions, session, now) : null)
            ?? (_names.Count > 0 && who.IsGuest ? OfName(who.Member.Name, now) : null);

    /// <summary>Whether a guest's session was ended.</summary>
    /// <param name="who">Who it is.</param>
    /// <param name="now">Unix time in milliseconds.</param>
    public bool IsEnded(ClientIdentity who, long now) => who.IsGuest && Find(_endedSessions, who.Member.User, now) is not null;

    private static Block? Find(Dictionary<string, Block> blocks, string key, long now)
        => blocks.TryGetValue(key, out var block) && block.Until > now ? block : null;

    // As in a room: a name is taken by one that looks like it.
    private Block? OfName(string name, long now)
    {
        var keys = NameKeys.Of(name);
        return Find(_names, keys.Folded, now) ?? Find(_names, keys.Skeleton, now);
    }

    private void Add(Block block)
    {
        switch (block.Kind)
        {
            case BlockKind.User:
                _users[block.Value] = block;
                if (UserNames.Check(block.Value, out var name) is null)
                {
                    var keys = NameKeys.Of(name);
                    AddLonger(keys.Folded, block);
                    AddLonger(keys.Skeleton, block);
                }

                break;
            case BlockKind.Session:
                _sessions[block.Value] = block;
                break;
            case BlockKind.Address when AddressRange.Parse(block.Value).Range is { } range:
                _addresses[range] = block;
                break;
            case BlockKind.EndedSession:
                _endedSessions[block.Value] = block;
                break;
        }
    }

    private void AddLonger(string key, Block block)
    {
        if (!_names.TryGetValue(key, out var other) || other.Until < block.Until)
        {
            _names[key] = block;
        }
    }

    private int[] Prefixes(bool isV6) => [.. _addresses.Keys.Where(r => r.IsV6 == isV6).Select(r => r.Prefix).Distinct().Order()];
}
