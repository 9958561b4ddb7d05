using ClusterChat.Cluster.Tests.Harness;
using Microsoft.Data.Sqlite;

namespace ClusterChat.Cluster.Tests;

/// <summary>Secrets in files.</summary>
public sealed class SecretFileTests : IDisposable
{
    private readonly DataFolder _folder = new();

    [Theory]
    [InlineData("PostgresFile")]
    [InlineData("PostgresPasswordFile")]
    [InlineData("SecretFile")]
    public async Task A_file_that_is_missing_empty_or_unreadable_is_named(string option)
    {
        var empty = await WriteAsync("empty", "\n");
        foreach (var (path, why) in ((string, string)[])[("/no/such/file", "there is no file"), (empty, "is empty"), (_folder.Path, "cannot be read")])
        {
            var output = await ConfigAsync((option, path), option == "PostgresPasswordFile" ? ("Postgres", "Host=db") : ("Data", "data"));

            output.ShouldContain($"ClusterChat__{option}");
            output.ShouldContain(path);
            output.ShouldContain(why);
        }
    }

    [Fact]
    public async Task What_contradicts_itself_is_named_and_no_secret_is_repeated()
    {
        var password = await WriteAsync("password", "shibboleth\n");
        var connection = await WriteAsync("connection", "Host=db;Password=shibboleth");
        var broken = await WriteAsync("broken", "shibboleth;=;");

        (await ConfigAsync(("PostgresPasswordFile", password))).ShouldContain("ClusterChat:PostgresFile");
        (await ConfigAsync(("PostgresPasswordFile", password), ("PostgresFile", connection))).ShouldContain("has a password too");
        (await ConfigAsync(("Postgres", "Host=db"), ("PostgresFile", connection))).ShouldContain("is set too");
        (await ConfigAsync(("PostgresFile", broken))).ShouldContain("connection string");
        (await ConfigAsync(("SecretFile", password))).ShouldContain("less than 32 bytes");
    }

    [Theory]
    [InlineData("change-me")]
    [InlineData("CHANGE ME")]
    [InlineData("changeme123")]
    [InlineData("change_me-change_me-change_me-change_me")]
    [InlineData("please-replace-me-with-a-password-of-your-own")]
    public async Task A_placeholder_is_no_secret(string placeholder)
    {
        const string why = "is the placeholder of an example";
        var file = await WriteAsync("placeholder", placeholder + "\n");
        var connection = await WriteAsync("connection", "Host=db;Password=" + placeholder);

        (await ConfigAsync(("Postgres", "Host=db;Password=" + placeholder))).ShouldContain(why);
        (await ConfigAsync(("PostgresFile", connection))).ShouldContain(why);
        (await ConfigAsync(("Postgres", "Host=db"), ("PostgresPasswordFile", file))).ShouldContain(why);
        (await ConfigAsync(("Auth__Mode", "jwt"), ("Auth__Jwt__Secret", placeholder.PadRight(32, '-')))).ShouldContain(why);
        (await ConfigAsync(("Auth__Mode", "jwt"), ("Auth__Jwt__SecretFile", file))).ShouldContain(why);
        var secret = await WriteAsync("secret", placeholder.PadRight(32, '-'));
        (await ConfigAsync(("SecretFile", secret))).ShouldContain(why);
        (await ConfigAsync(("AcceptedSecretFiles__0", secret))).ShouldContain(why);
    }

    [Fact]
    public async Task Nodes_with_the_same_secret_file_form_a_cluster_and_one_with_another_is_turned_away_and_both_say_so()
    {
        var secret = await WriteAsync("secret", new string('a', 40) + "\n");
        var other = await WriteAsync("other", new string('b', 40) + "\n");
        await using var group = await NodeGroup.StartAsync(o => o.With("SecretFile", secret), "n1", "n2");
        await using var crowd = new Crowd(group, clients: 4, rooms: 2);
        await crowd.StartAsync();
        await crowd.TalkOnAsync(5);
        await crowd.StopAndCheckAsync();
        (await StoredSecretsAsync(group.Options("n1").Data)).ShouldBe(0, "it is in the file so that it is not in the database");

        await using var stranger = NodeProcess.StartFailing(
            group.Options("n3").With("SecretFile", other).With("JoinTimeout", "00:00:03"));

        (await stranger.ExitAsync()).ShouldBe(1, stranger.Output);
        stranger.Output.ShouldContain("its certificate is not one of this cluster's (another secret");
        await group["n1"].WaitForLineAsync("Turned a connection");
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<long> StoredSecretsAsync(string data)
    {
        await using var database = new SqliteConnection($"Data Source={Path.Combine(data, "cluster.db")};Pooling=False");
        await database.OpenAsync();
        await using var count = database.CreateCommand();
        count.CommandText = "SELECT CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'secret') THEN 1 ELSE 0 END";
        if (await count.ExecuteScalarAsync() is 0L)
            return 0;
        count.CommandText = "SELECT count(*) FROM secret";
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private static async Task<string> ConfigAsync(params (string Key, string Value)[] options)
    {
        var output = await new ToolRun("config")
        {
            Environment = options.ToDictionary(o => "ClusterChat__" + o.Key, o => o.Value, StringComparer.Ordinal),
            ExitCode = 2,
        }.RunAsync();
        output.ShouldNotContain("shibboleth");
        return output;
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        await File.WriteAllTextAsync(path, text);
        return path;
    }
}
