using System.Net;
using System.Net.Sockets;

namespace ClusterChat.Gateway.Limits;

/// <summary>
/// Under which name an address is counted. One customer has at least 2^64 addresses of IPv6 (RFC 6177), so those with the
/// first half in common count as one.
/// </summary>
internal static class AddressKey
{
    public static string Of(IPAddress? address)
    {
        if (address is null)
        {
            return "unknown";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes) + "/64";
    }
}
