using ClusterChat.Storage.Sqlite;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>The numbered files of the schemas, to make a database as an earlier version left it.</summary>
internal static class Resource
{
    public static async Task<string> TextAsync(string name)
    {
        var assembly = typeof(SqliteNodeTable).Assembly;
        var found = assembly.GetManifestResourceNames().Single(n => string.Equals(n.Replace('\\', '/'), name, StringComparison.Ordinal));
        await using var stream = assembly.GetManifestResourceStream(found)!;
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
