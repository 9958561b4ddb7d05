using System.Security.Cryptography;
using ClusterChat.Storage.Postgres;

namespace ClusterChat.Storage.Tests.Postgres;

public sealed class PostgresSecretStoreTests : PostgresTest
{
    private PostgresSecretStore Secrets => new(Store.Options, TimeProvider.System);

    [Fact]
    public async Task The_first_candidate_is_kept()
    {
        var first = RandomNumberGenerator.GetBytes(32);

        (await Secrets.GetOrCreateAsync(first, default)).ShouldBe(first);
        (await Secrets.GetOrCreateAsync(RandomNumberGenerator.GetBytes(32), default)).ShouldBe(first);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_get_the_same_secret()
    {
        var secrets = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ =>
            Task.Run(async () => await Secrets.GetOrCreateAsync(RandomNumberGenerator.GetBytes(32), default))));

        secrets.Select(Convert.ToHexString).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_candidate_of_another_length_is_an_error_of_the_caller() =>
        await Should.ThrowAsync<ArgumentException>(async () => await Secrets.GetOrCreateAsync(new byte[31], default));

    [Fact]
    public async Task A_stored_secret_of_another_length_is_refused_with_a_clear_error()
    {
        await Secrets.GetOrCreateAsync(new byte[32], default);
        await Store.ExecuteAsync("UPDATE secret SET value = '\\x00'");

        var e = await Should.ThrowAsync<StorageStartException>(async () => await Secrets.GetOrCreateAsync(new byte[32], default));
        e.Message.ShouldContain("1 bytes instead of 32");
    }
}
