using ClusterChat.Storage.Postgres;
using Npgsql;

namespace ClusterChat.Storage.Tests.Postgres;

/// <summary>Connection strings with several hosts.</summary>
internal static class PostgresHosts
{
    /// <summary>A host that refuses: nobody listens on port 1 (tcpmux).</summary>
    public const string Refusing = "127.0.0.1:1";

    /// <summary>The same database, or one at another host, which stands first.</summary>
    public static PostgresStorageOptions WithSecondHost(this PostgresStorageOptions options, string other)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        settings.Host = $"{other},{settings.Host}:{settings.Port}";
        return options with { ConnectionString = settings.ConnectionString };
    }
}
