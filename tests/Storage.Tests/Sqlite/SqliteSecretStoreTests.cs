using System.Security.Cryptography;
using ClusterChat.Storage.Sqlite;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class SqliteSecretStoreTests : SqliteTest
{
    private SqliteSecretStore Store => new(Folder.Options);

    [Fact]
    public async Task The_first_candidate_is_kept()
    {
        var first = RandomNumberGenerator.GetBytes(32);

        (await Store.GetOrCreateAsync(first, default)).ShouldBe(first);
        (await Store.GetOrCreateAsync(RandomNumberGenerator.GetBytes(32), default)).ShouldBe(first);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_get_the_same_secret()
    {
        var secrets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(async () => await Store.GetOrCreateAsync(RandomNumberGenerator.GetBytes(32), default))));

        secrets.Select(Convert.ToHexString).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_candidate_of_another_length_is_an_error_of_the_caller() =>
        await Should.ThrowAsync<ArgumentException>(async () => await Store.GetOrCreateAsync(new byte[31], default));

    [Theory]
    [InlineData("x''")]
    [InlineData("x'00'")]
    [InlineData("zeroblob(33)")]
    public async Task A_stored_secret_of_another_length_is_refused_with_a_clear_error(string value)
    {
        await Store.GetOrCreateAsync(new byte[32], default);
        await TempFolder.ExecuteAsync(Folder.ClusterFile, $"UPDATE secret SET value = {value}");

        var e = await Should.ThrowAsync<StorageStartException>(async () => await Store.GetOrCreateAsync(new byte[32], default));
        e.Message.ShouldContain(Folder.ClusterFile);
        e.Message.ShouldContain("instead of 32");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named_in_the_error()
    {
        Directory.CreateDirectory(Folder.Options.Folder);
        await File.WriteAllTextAsync(Folder.ClusterFile, new string('x', 5000));

        var e = await Should.ThrowAsync<StorageStartException>(async () => await Store.GetOrCreateAsync(new byte[32], default));
        e.Message.ShouldContain(Folder.ClusterFile);
    }
}
