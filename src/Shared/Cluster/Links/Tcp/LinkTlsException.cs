using System.Security.Authentication;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>There is no TLS on a connection, or no certificate for it; the message says why.</summary>
/// <param name="message">Why.</param>
/// <param name="inner">What lies behind it.</param>
public sealed class LinkTlsException(string message, Exception? inner = null) : AuthenticationException(message, inner);
