using System.ComponentModel;
using System.Reflection;
using ClusterChat.Gateway.Http.Admin;
using ClusterChat.Gateway.Identity;
using ClusterChat.Storage.Postgres;

namespace ClusterChat.Host;

/// <summary>
/// Reads the options and checks them before anything starts. What is wrong is said with the option's name and
/// that of its environment variable.
/// </summary>
internal static class OptionRules
{
    // Zero means "no limit" or "none" for these; all other numbers and times have to be above it.
    private static readonly string[] MayBeZero = ["SendsPerSecond", "RequestsPerSecond", "RefusalsPerSecond", "NamedPresence",
        "ConnectionsPerAddress", "ConnectionsPerUser", "ConnectsPerSecondPerAddress", "RequestsPerSecondPerAddress", "SendsPerSecondPerUser", "SendsPerSecondPerAddress"];

    /// <summary>Reads and checks all options.</summary>
    /// <returns>The options, and what is wrong with them; empty if nothing is.</returns>
    public static (NodeOptions Options, IReadOnlyList<string> Errors) Read(IConfiguration configuration)
    {
        var options = new NodeOptions();
        var errors = new List<string>();
        var section = configuration.GetSection(NodeOptions.Section);
        CheckKeys(section, typeof(NodeOptions), errors);
        CheckAddresses(configuration["urls"] ?? string.Empty, errors);
        if (errors.Count == 0)
        {
            section.Bind(options);

            // An empty variable is how an option is taken back that a file has set.
            options.Management = options.Management is { Length: 0 } ? null : options.Management;
            if (string.IsNullOrWhiteSpace(options.Name) || options.Name.Length > 64)
            {
                errors.Add(Describe(section.Path + ":Name", "must have 1 to 64 characters"));
            }

            if (string.IsNullOrWhiteSpace(options.Data))
            {
                errors.Add(Describe(section.Path + ":Data", "must name a folder"));
            }

            if (options.Management is { } management && !IsPlainAddress(management))
            {
                errors.Add(Describe(section.Path + ":Management", $"must be one address such as http://0.0.0.0:9090, is \"{management}\""));
            }

            CheckStorage(section, options, errors);
            errors.AddRange(ProxyHeaders.Check(options.Proxy).Select(p => Describe(section.Path + ":Proxy:" + p.Key, p.Problem)));
            errors.AddRange(AdminKeys.Check(options.Admin).Select(p => Describe(section.Path + ":Admin:" + p.Key, p.Problem)));
            errors.AddRange(AuthRules.Check(options.Auth).Select(p => Describe(section.Path + ":Auth:" + p.Key, p.Problem)));
            errors.AddRange(ClusterOptionRules.Check(options).Select(p => Describe(section.Path + ":" + p.Key, p.Problem)));
        }

        return (options, errors);
    }

    private static void CheckStorage(IConfigurationSection section, NodeOptions options, List<string> errors)
    {
        if (options.Postgres is not null)
        {
            // The problem never repeats the string: it may hold a password.
            if (PostgresStorageOptions.Problem(options.Postgres) is { } problem)
            {
                errors.Add(Describe(section.Path + ":Postgres", problem));
            }
        }
        else if (options.Journal.Trims)
        {
            errors.Add(Describe(section.Path + ":Journal", "KeepFor and KeepEvents need PostgreSQL"));
        }
    }

    private static void CheckAddresses(string addresses, List<string> errors)
    {
        foreach (var address in addresses.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IsAddress(address))
            {
                errors.Add($"urls (option --urls, environment variable ASPNETCORE_URLS): must be addresses such as http://localhost:8080, is \"{address}\"");
            }
        }
    }

    private static bool IsAddress(string address)
        => Parse(address) is { Scheme: "http" or "https", Port: >= 0 and <= ushort.MaxValue };

    // What is for operators stays inside, and needs no certificate.
    private static bool IsPlainAddress(string address)
        => Parse(address) is { Scheme: "http", Port: >= 0 and <= ushort.MaxValue, PathBase.Length: 0, IsUnixPipe: false };

    private static BindingAddress? Parse(string address)
    {
        try
        {
            return BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static void CheckKeys(IConfigurationSection section, Type type, List<string> errors)
    {
        foreach (var child in section.GetChildren())
        {
            var property = type.GetProperty(child.Key, BindingFlags.Instance | BindingFlags.Public | BindingFlags.IgnoreCase);
            if (property is null)
            {
                errors.Add(Describe(child.Path, "there is no such option"));
            }
            else if (child.Value is { } value)
            {
                if (Refuse(property, value) is { } why)
                {
                    errors.Add(Describe(child.Path, $"{why}, is \"{value}\""));
                }
            }
            else if (!typeof(System.Collections.IEnumerable).IsAssignableFrom(property.PropertyType))
            {
                CheckKeys(child, property.PropertyType, errors);
            }
        }
    }

    private static string? Refuse(PropertyInfo property, string value)
    {
        if (property.PropertyType == typeof(string))
        {
            return null;
        }

        object? parsed;
        try
        {
            parsed = TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(value);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or NotSupportedException or OverflowException)
        {
            parsed = null;
        }

        var zero = MayBeZero.Contains(property.Name, StringComparer.Ordinal);
        return parsed switch
        {
            int number when number > 0 || (number == 0 && zero) => null,
            double number when double.IsFinite(number) && (number > 0 || (number == 0 && zero)) => null,
            TimeSpan time when time > TimeSpan.Zero => null,
            bool => null,
            int => "must be a whole number above 0",
            double => zero ? "must be 0 or above" : "must be above 0",
            TimeSpan => "must be a time above 0, such as 00:00:10",
            _ when property.PropertyType == typeof(bool) => "must be true or false",
            _ when property.PropertyType == typeof(TimeSpan) || property.PropertyType == typeof(TimeSpan?) => "must be a time, such as 00:00:10",
            _ => "must be a number",
        };
    }

    private static string Describe(string path, string problem)
        => $"{path} (environment variable {path.Replace(":", "__", StringComparison.Ordinal)}): {problem}";
}
