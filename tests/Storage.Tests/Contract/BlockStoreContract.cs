using System.Globalization;
using ClusterChat.Cluster.Abuse;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>What <see cref="IBlockStore"/> promises, for every adapter to inherit.</summary>
public abstract class BlockStoreContract : IAsyncLifetime
{
    private const int Many = 1_000;
    private IBlockStore? _store;

    protected IBlockStore Store => _store ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync() => _store = await CreateAsync();

    public abstract Task DisposeAsync();

    /// <summary>The test's one list, as a process of its own would see it; each call gives another way to it.</summary>
    protected abstract Task<IBlockStore> CreateAsync();

    [Fact]
    public async Task A_new_list_is_empty_and_who_knows_its_version_gets_nothing()
    {
        var list = (await Store.ReadAsync(-1, default)).ShouldNotBeNull();
        list.Blocks.ShouldBeEmpty();
        (await Store.ReadAsync(list.Version, default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_block_that_is_put_is_there_for_all_with_all_it_has()
    {
        Block[] blocks =
        [
            new(BlockKind.User, "näme-日本語 %_' \U0001F600 a'b\\c\"d", long.MinValue, long.MaxValue, "be\tkind", "ops"),
            new(BlockKind.Session, "g:AAAAAAAAAAAAAAAAAAAAAA", 0, 1, "", "a@b"),
            new(BlockKind.Address, "2001:db8::/48", 5, long.MaxValue, new string('x', 200), ""),
            new(BlockKind.EndedSession, new string('é', 255), 6, 7, "", "ops"),
        ];
        foreach (var block in blocks.Reverse())
            (await Store.PutAsync(block, Many, default)).ShouldBeTrue();

        (await AllAsync(Store)).ShouldBe(blocks, ignoreOrder: true);
        (await AllAsync(await CreateAsync())).ShouldBe(blocks, ignoreOrder: true);
    }

    [Fact]
    public async Task Each_change_has_another_version_and_what_changes_nothing_has_none()
    {
        var version = await VersionAsync();
        await Store.PutAsync(Of("a"), Many, default);
        version = await HigherAsync(version);
        await Store.PutAsync(Of("a", until: 9), Many, default);
        version = await HigherAsync(version);
        (await Store.DeleteAsync(BlockKind.User, "b", default)).ShouldBeFalse();
        (await Store.DeleteEndedAsync(8, default)).ShouldBe(0);
        (await VersionAsync()).ShouldBe(version);
        (await Store.DeleteAsync(BlockKind.User, "a", default)).ShouldBeTrue();
        version = await HigherAsync(version);
        await Store.PutAsync(Of("c", until: 3), Many, default);
        version = await HigherAsync(version);
        (await Store.DeleteEndedAsync(3, default)).ShouldBe(1);
        await HigherAsync(version);
        (await AllAsync(Store)).ShouldBeEmpty();

        async Task<long> HigherAsync(long before)
        {
            var now = await VersionAsync();
            now.ShouldBeGreaterThan(before);
            return now;
        }
    }

    [Fact]
    public async Task A_block_takes_the_place_of_the_one_with_its_kind_and_value_and_of_no_other()
    {
        await Store.PutAsync(Of("a"), Many, default);
        await Store.PutAsync(Of("A"), Many, default);
        await Store.PutAsync(Of("a", BlockKind.Session), Many, default);
        var later = Of("a", until: 77) with { Since = 5, Reason = "again", By = "other" };
        (await Store.PutAsync(later, Many, default)).ShouldBeTrue();

        (await AllAsync(Store)).ShouldBe([later, Of("A"), Of("a", BlockKind.Session)], ignoreOrder: true);
        (await Store.DeleteAsync(BlockKind.User, "a", default)).ShouldBeTrue();
        (await AllAsync(Store)).ShouldBe([Of("A"), Of("a", BlockKind.Session)], ignoreOrder: true);
    }

    [Fact]
    public async Task Beyond_the_limit_no_other_is_added_and_those_that_are_there_can_be_replaced()
    {
        (await Store.PutAsync(Of("a"), 2, default)).ShouldBeTrue();
        (await Store.PutAsync(Of("b"), 2, default)).ShouldBeTrue();
        (await Store.PutAsync(Of("c"), 2, default)).ShouldBeFalse();
        (await Store.PutAsync(Of("b", until: 5), 2, default)).ShouldBeTrue();
        (await AllAsync(Store)).ShouldBe([Of("a"), Of("b", until: 5)], ignoreOrder: true);
    }

    [Fact]
    public async Task Those_that_have_ended_go_and_no_others()
    {
        await Store.PutAsync(Of("ended", until: 9), Many, default);
        await Store.PutAsync(Of("now", until: 10), Many, default);
        await Store.PutAsync(Of("later", until: 11), Many, default);
        await Store.PutAsync(Of("never"), Many, default);

        (await Store.DeleteEndedAsync(10, default)).ShouldBe(2);
        (await AllAsync(Store)).Select(b => b.Value).ShouldBe(["later", "never"], ignoreOrder: true);
    }

    [Fact]
    public async Task Pages_come_by_kind_and_in_the_order_of_code_points_each_block_once()
    {
        // The last two change places where UTF-16 is compared.
        string[] names = ["", "A", "a", "a/b", "é", "\uFFFD", "\U0001F600"];
        foreach (var kind in Enum.GetValues<BlockKind>().Reverse())
        {
            foreach (var name in names.Reverse())
                await Store.PutAsync(Of(name, kind), Many, default);
        }

        var seen = new List<(BlockKind, string)>();
        for (IReadOnlyList<Block> page = []; ;)
        {
            page = await Store.ListAsync(null, null, page.Count > 0 ? (page[^1].Kind, page[^1].Value) : null, 3, default);
            seen.AddRange(page.Select(b => (b.Kind, b.Value)));
            if (page.Count < 3)
                break;
        }

        seen.ShouldBe(Enum.GetValues<BlockKind>().SelectMany(k => names.Select(n => (k, n))));
        (await Store.ListAsync(BlockKind.Address, null, null, Many, default)).Select(b => (b.Kind, b.Value)).ShouldBe(names.Select(n => (BlockKind.Address, n)));
        (await Store.ListAsync(null, "a/b", null, Many, default)).Select(b => b.Kind).ShouldBe(Enum.GetValues<BlockKind>());
        (await Store.ListAsync(BlockKind.User, "a", null, Many, default)).ShouldBe([Of("a")]);
        (await Store.ListAsync(BlockKind.User, "b", null, Many, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Changes_at_once_all_take_effect_and_keep_to_the_limit()
    {
        var other = await CreateAsync();
        var puts = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
            await (i % 2 == 0 ? Store : other).PutAsync(Of(i.ToString(CultureInfo.InvariantCulture)), 12, default))));
        puts.Count(p => p).ShouldBe(12);
        (await AllAsync(other)).Count.ShouldBe(12);
    }

    protected static Block Of(string value, BlockKind kind = BlockKind.User, long until = Block.Forever) => new(kind, value, 1, until, "why", "ops");

    protected static async Task<IReadOnlyList<Block>> AllAsync(IBlockStore store) => (await store.ReadAsync(-1, default)).ShouldNotBeNull().Blocks;

    private async Task<long> VersionAsync() => (await Store.ReadAsync(-1, default)).ShouldNotBeNull().Version;
}
