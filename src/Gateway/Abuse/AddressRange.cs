using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ClusterChat.Gateway.Abuse;

/// <summary>An address, or all those of a network. Equal where they are the same addresses.</summary>
/// <param name="IsV6">Whether it is of IPv6.</param>
/// <param name="First">The first of its addresses, as a number.</param>
/// <param name="Prefix">How many bits they have in common.</param>
internal readonly record struct AddressRange(bool IsV6, UInt128 First, int Prefix)
{
    // A larger network is a slip of the pen: this is 16 million addresses, or what a whole provider has of IPv6.
    private const int ShortestV4 = 8;
    private const int ShortestV6 = 16;

    private int Bits => IsV6 ? 128 : 32;

    /// <summary>Reads an address (<c>203.0.113.7</c>, <c>2001:db8::1</c>) or a network (<c>203.0.113.0/24</c>, <c>2001:db8::/48</c>).</summary>
    /// <returns>The range, or what is wrong with the text.</returns>
    public static (AddressRange? Range, string? Problem) Parse(string text)
    {
        const string Expected = "must be an address such as 203.0.113.7 or 2001:db8::1, or a network such as 203.0.113.0/24 or 2001:db8::/48";
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var address = slash < 0 ? text : text[..slash];

        // The framework also takes 7, 0x7f.1, [::1]:80 and fe80::1%2 for addresses.
        if (!address.All(c => char.IsAsciiHexDigit(c) || c is '.' or ':') || !IPAddress.TryParse(address, out var parsed)
            || (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != address))
        {
            return (null, Expected);
        }

        var single = Of(parsed);
        var skipped = parsed.IsIPv4MappedToIPv6 ? 96 : 0;
        var prefix = single.Bits;
        if (slash >= 0)
        {
            if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > single.Bits + skipped)
            {
                return (null, Expected);
            }

            prefix -= skipped;
            if (prefix < (single.IsV6 ? ShortestV6 : ShortestV4))
            {
                return (null, $"is too large a network: the shortest prefixes are /{ShortestV4}, and /{ShortestV6} for IPv6");
            }
        }

        return (single.Within(prefix), null);
    }

    /// <summary>One address. Those of IPv4 that are written as IPv6 are what they stand for.</summary>
    public static AddressRange Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6)
        {
            address.TryWriteBytes(bytes, out _);
            return new(true, BinaryPrimitives.ReadUInt128BigEndian(bytes), 128);
        }

        address.MapToIPv4().TryWriteBytes(bytes, out _);
        return new(false, BinaryPrimitives.ReadUInt32BigEndian(bytes), 32);
    }

    /// <summary>The network around it.</summary>
    /// <param name="prefix">Its length, no longer than its own.</param>
    public AddressRange Within(int prefix)
        => new(IsV6, prefix == 0 ? 0 : First >> (Bits - prefix) << (Bits - prefix), prefix);

    /// <summary>The one form that it has in lists and stores: a single address without its length.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, First);
        var address = new IPAddress(IsV6 ? bytes : bytes[12..]);
        return Prefix == Bits ? address.ToString() : string.Create(CultureInfo.InvariantCulture, $"{address}/{Prefix}");
    }
}
