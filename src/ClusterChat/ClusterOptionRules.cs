using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Host;

/// <summary>Reads and checks the options of a node among several.</summary>
internal static partial class ClusterOptionRules
{
    private const string Expected = "must be an address such as 127.0.0.1:9081";

    /// <summary>What is wrong, each with the key below <see cref="NodeOptions.Section"/>.</summary>
    public static IEnumerable<(string Key, string Problem)> Check(NodeOptions options)
    {
        if (Roles(options.Roles) is null)
        {
            yield return ("Roles", $"must be gateway, rooms, or both separated by ',', is \"{options.Roles}\"");
        }

        if (!ClusterNamePattern().IsMatch(options.ClusterName))
        {
            yield return ("ClusterName", $"must have letters, digits, - and _ only, and begin with a letter or digit, is \"{options.ClusterName}\"");
        }

        if (TlsProblem(options.Links.Tls) is { } tls)
        {
            yield return (tls.Key, tls.Problem);
        }

        if (options.Cluster is null)
        {
            if (options.Advertise is not null)
            {
                yield return ("Advertise", "needs ClusterChat:Cluster (option --cluster)");
            }

            if (Roles(options.Roles) is { } roles && roles != (NodeRoles.Gateway | NodeRoles.Rooms))
            {
                yield return ("Roles", "a node without ClusterChat:Cluster (option --cluster) is alone and needs both roles");
            }

            yield break;
        }

        var listen = ListenAddress(options.Cluster);
        if (listen is null)
        {
            yield return ("Cluster", $"{Expected}, is \"{options.Cluster}\"");
        }
        else if (options.Advertise is null && (listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any)))
        {
            yield return ("Cluster", "listens on all addresses: say with ClusterChat:Advertise (option --advertise) which one the other nodes are to dial");
        }

        if (options.Advertise is { } advertise && !IsHostAndPort(advertise))
        {
            yield return ("Advertise", $"must be a host and a port such as 10.0.0.7:9081, is \"{advertise}\"");
        }

    }

    /// <summary>The roles by their names; null where there are others or none.</summary>
    public static NodeRoles? Roles(string text)
    {
        var roles = NodeRoles.None;
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (RoleNames.Parse(name) is var role && role == NodeRoles.None)
            {
                return null;
            }

            roles |= role;
        }

        return roles;
    }

    /// <summary>An address of this machine and a port, 0 for a free one; null where it is none.</summary>
    public static IPEndPoint? ListenAddress(string text)
    {
        var numeric = text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" + text["localhost".Length..] : text;
        return numeric.LastIndexOf(':') > numeric.LastIndexOf(']') && IPEndPoint.TryParse(numeric, out var address) ? address : null;
    }

    private static bool IsHostAndPort(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
            && Uri.CheckHostName(text[..colon].Trim('[', ']')) != UriHostNameType.Unknown;
    }

    private static (string Key, string Problem)? TlsProblem(LinkTlsOptions tls)
    {
        (string Name, string? File)[] all = [(nameof(tls.Certificate), tls.Certificate), (nameof(tls.Key), tls.Key), (nameof(tls.Authority), tls.Authority)];
        if (Array.TrueForAll(all, o => o.File is null))
        {
            return null;
        }

        if (Array.Find(all, o => o.File is null) is { Name: { } missing })
        {
            return ($"Links:Tls:{missing}", "is missing: TLS on links needs Certificate, Key and Authority");
        }

        try
        {
            ClusterTls.FromFiles(tls.Files!, TimeProvider.System, NullLogger<ClusterTls>.Instance).Dispose();
            return null;
        }
        catch (ClusterTlsException error)
        {
            return ("Links:Tls", error.Message.ReplaceLineEndings(" "));
        }
    }

    // What Akka takes for the name of an actor system, which is part of its address.
    [GeneratedRegex("^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex ClusterNamePattern();
}
