using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using ClusterChat.Gateway.Http.Admin;
using ClusterChat.Gateway.Identity;
using ClusterChat.Storage.Postgres;
using Microsoft.Extensions.Logging.Console;

namespace ClusterChat.Host;

/// <summary>
/// Reads the options and checks them before anything starts. What is wrong is said with the option's name and
/// that of its environment variable.
/// </summary>
internal static class OptionRules
{
    /// <summary>The framework's own key for the form of the log.</summary>
    public const string LogFormat = "Logging:Console:FormatterName";

    private static readonly string[] LogFormats = [ConsoleFormatterNames.Simple, ConsoleFormatterNames.Json, ConsoleFormatterNames.Systemd];

    /// <summary>Reads and checks all options.</summary>
    /// <returns>The options, and what is wrong with them; empty if nothing is.</returns>
    public static (NodeOptions Options, IReadOnlyList<string> Errors) Read(IConfiguration configuration)
    {
        var options = new NodeOptions();
        var errors = new List<string>();
        var section = configuration.GetSection(NodeOptions.Section);
        CheckKeys(section, typeof(NodeOptions), errors);
        CheckAddresses(configuration["urls"] ?? string.Empty, errors);
        if (configuration[LogFormat] is { } format && !LogFormats.Contains(format, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add(Describe(LogFormat, $"must be one of {string.Join(", ", LogFormats)}, is \"{format}\""));
        }

        if (errors.Count == 0)
        {
            section.Bind(options);
            TakeBack(options);
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
            errors.AddRange(OriginRules.Normalize(options.AllowedOrigins).Select(p => Describe(section.Path + ":" + p.Key, p.Problem)));
            errors.AddRange(ProxyHeaders.Check(options.Proxy).Select(p => Describe(section.Path + ":Proxy:" + p.Key, p.Problem)));
            errors.AddRange(AdminKeys.Check(options.Admin).Select(p => Describe(section.Path + ":Admin:" + p.Key, p.Problem)));
            errors.AddRange(AuthRules.Check(options.Auth).Select(p => Describe(section.Path + ":Auth:" + p.Key, p.Problem)));
            errors.AddRange(SecretFiles.Read(options).Concat(options.Telemetry.Check()).Concat(ClusterOptionRules.Check(options)).Select(p => Describe(section.Path + ":" + p.Key, p.Problem)));
        }

        return (options, errors);
    }

    private static void CheckStorage(IConfigurationSection section, NodeOptions options, List<string> errors)
    {
        // The problem never repeats the string: it may hold a password.
        if (options.Postgres is not null && PostgresStorageOptions.Problem(options.Postgres) is { } problem)
        {
            errors.Add(Describe(section.Path + ":Postgres", problem));
        }
    }

    private static void CheckAddresses(string addresses, List<string> errors)
    {
        foreach (var address in addresses.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IsAddress(address))
            {
                errors.Add($"urls (option --urls, environment variable ASPNETCORE_URLS): must be addresses such as http://localhost:8080, is \"{AddressSecrets.Hide(address)}\"");
            }
        }
    }

    /// <summary>An address to listen on, such as <c>http://*:8080</c>; null where it is none.</summary>
    public static BindingAddress? ParseAddress(string address)
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

    /// <summary>An empty value is how an option is taken back that a file has set.</summary>
    private static void TakeBack(NodeOptions options)
    {
        var defaults = OptionTree.Leaves(new NodeOptions(), NodeOptions.Section).ToDictionary(l => l.Key, l => l.Value, StringComparer.Ordinal);
        foreach (var leaf in OptionTree.Leaves(options, NodeOptions.Section).Where(l => l.Value is "" && defaults[l.Key] is null))
        {
            leaf.Value = null;
        }
    }

    private static bool IsAddress(string address)
        => ParseAddress(address) is { Scheme: "http" or "https", Port: >= 0 and <= ushort.MaxValue };

    // What is for operators stays inside, and needs no certificate.
    private static bool IsPlainAddress(string address)
        => ParseAddress(address) is { Scheme: "http", Port: >= 0 and <= ushort.MaxValue, PathBase.Length: 0, IsUnixPipe: false };

    private static void CheckKeys(IConfigurationSection section, Type type, List<string> errors)
    {
        foreach (var child in section.GetChildren())
        {
            var property = type.GetProperty(child.Key, BindingFlags.Instance | BindingFlags.Public | BindingFlags.IgnoreCase);
            if (property is null)
            {
                errors.Add(Describe(child.Path, "there is no such option"));
            }
            else if (!OptionTree.IsLeaf(property.PropertyType))
            {
                CheckKeys(child, property.PropertyType, errors);
            }
            else if (child.Value is { } value && Refuse(property, value) is { } why)
            {
                errors.Add(Describe(child.Path, $"{why}, is \"{value}\""));
            }
        }
    }

    /// <summary>What is wrong with a value; null if nothing is. Without a <see cref="RangeAttribute"/>, numbers and times have to be above 0.</summary>
    private static string? Refuse(PropertyInfo property, string value)
    {
        var nullable = Nullable.GetUnderlyingType(property.PropertyType);
        var type = nullable ?? property.PropertyType;
        if (!type.IsValueType || (nullable is not null && value.Length == 0))
        {
            return null;
        }

        object? parsed;
        try
        {
            parsed = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or NotSupportedException or OverflowException)
        {
            parsed = null;
        }

        var range = property.GetCustomAttribute<RangeAttribute>();
        return parsed switch
        {
            int or long or double => range is null
                ? Convert.ToDouble(parsed, CultureInfo.InvariantCulture) is > 0 and < double.PositiveInfinity ? null : parsed is double ? "must be above 0" : "must be a whole number above 0"
                : range.IsValid(parsed) ? null : Expect(range),
            TimeSpan time => time > TimeSpan.Zero ? null : "must be a time above 0, such as 00:00:10",
            bool => null,
            Enum => Enum.IsDefined(type, parsed) ? null : OneOf(type),
            _ when type == typeof(bool) => "must be true or false",
            _ when type == typeof(TimeSpan) => "must be a time, such as 00:00:10",
            _ when type.IsEnum => OneOf(type),
            _ => "must be a number",
        };
    }

    private static string Expect(RangeAttribute range) => range.Maximum is int.MaxValue or double.MaxValue
        ? string.Create(CultureInfo.InvariantCulture, $"must be {range.Minimum} or above")
        : string.Create(CultureInfo.InvariantCulture, $"must be {range.Minimum} to {range.Maximum}");

    private static string OneOf(Type type) => $"must be one of {string.Join(", ", Enum.GetNames(type)).ToLowerInvariant()}";

    private static string Describe(string path, string problem)
        => $"{path} (environment variable {path.Replace(":", "__", StringComparison.Ordinal)}): {AddressSecrets.Hide(problem)}";
}
