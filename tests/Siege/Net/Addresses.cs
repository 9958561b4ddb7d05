using System.Net;

namespace ClusterChat.Siege.Net;

/// <summary>Who comes from where. The loopback interface has a network of addresses.</summary>
internal static class Addresses
{
    /// <summary>The attacker's.</summary>
    public static IPAddress Attacker { get; } = new([127, 0, 0, 2]);

    /// <summary>The proxy's, in front of a crowd.</summary>
    public static IPAddress Proxy { get; } = new([127, 0, 6, 1]);

    /// <summary>Whoever asks whether the node is ready, and looks on.</summary>
    public static IPAddress Observer { get; } = new([127, 0, 3, 1]);

    /// <summary>One of an attacker who has several.</summary>
    public static IPAddress OfAttackers(int number) => new([127, 0, 10, (byte)(1 + (number % 250))]);

    /// <summary>An honest client's own.</summary>
    public static IPAddress OfHonest(int number) => new([127, 0, 1, (byte)(1 + (number % 250))]);

    /// <summary>Of somebody who comes later.</summary>
    public static IPAddress OfNewcomer(int number) => new([127, 0, 2, (byte)(1 + (number % 250))]);

    /// <summary>One of those that a crowd shares.</summary>
    public static IPAddress OfCrowd(int number) => new([127, 0, 5, (byte)(1 + (number % 250))]);
}
