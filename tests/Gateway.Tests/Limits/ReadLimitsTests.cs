using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;
using ClusterChat.TestKit;

namespace ClusterChat.Gateway.Tests.Limits;

public sealed class ReadLimitsTests
{
    private const string Here = "192.0.2.1";
    private const string There = "192.0.2.2";
    private readonly ManualClock _clock = new();

    private readonly GatewayOptions _options = new()
    {
        ReadBytesPerSecondPerAddress = 1000,
        ReadBurstBytesPerAddress = 5000,
        ReadsAtOncePerAddress = 3,
        AnonymousReadBytesPerSecond = 2000,
        AnonymousReadBurstBytes = 8000,
        AnonymousReadsAtOnce = 4,
        AnonymousReadsWaiting = 20,
    };

    [Fact]
    public void Who_has_read_its_bytes_waits_for_new_ones_and_others_do_not()
    {
        var limits = Limits();
        limits.Charge(Here, 5000);
        limits.Check(There).ShouldBeNull();
        limits.Check(Here).ShouldNotBeNull().ShouldSatisfyAllConditions(
            e => e.Code.ShouldBe(ErrorCode.RateLimited), e => e.RetryMs.ShouldBe(1));

        // One page more was under way already.
        limits.Charge(Here, 2000);
        limits.Check(Here)!.RetryMs.ShouldBe(2001);
        _clock.Advance(TimeSpan.FromMilliseconds(1900));
        limits.Check(Here)!.RetryMs.ShouldBe(101);
        _clock.Advance(TimeSpan.FromMilliseconds(101));
        limits.Check(Here).ShouldBeNull();
        limits.Refused.ShouldBe(3);
    }

    [Fact]
    public void Whatever_was_read_the_wait_has_an_end()
    {
        var limits = Limits();
        limits.Charge(Here, long.MaxValue / 2);
        limits.Check(Here)!.RetryMs.ShouldBe(5001);
        _clock.Advance(TimeSpan.FromSeconds(20));
        limits.Charge(Here, 5000);
        limits.Check(Here).ShouldNotBeNull("no more than the burst gathers");
    }

    [Fact]
    public void An_address_has_so_many_reads_at_once()
    {
        var limits = Limits();
        var reads = Enumerable.Range(0, 3).Select(_ => limits.Begin(Here).Permit.ShouldNotBeNull()).ToList();
        limits.Begin(Here).Error!.RetryMs.ShouldBeGreaterThan(0);
        limits.Begin(There).Permit.ShouldNotBeNull();
        reads[0].Dispose();
        reads[0].Dispose();
        limits.Begin(Here).Permit.ShouldNotBeNull();
        limits.Begin(Here).Permit.ShouldBeNull("a read that ends twice is still one");
    }

    [Fact]
    public async Task All_who_say_nothing_of_themselves_have_a_budget_in_common_and_each_address_its_turn()
    {
        _options.ReadsAtOncePerAddress = 100;
        var limits = Limits();
        var under = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => limits.BeginAnonymousAsync(Here, default).AsTask()));
        var greedy = Enumerable.Range(0, 15).Select(_ => limits.BeginAnonymousAsync(Here, default).AsTask()).ToList();
        var other = limits.BeginAnonymousAsync(There, default).AsTask();
        limits.Waiting.ShouldBe(16);
        limits.Begin(There).Permit.ShouldNotBeNull("who says who it is does not wait");

        under[0].Permit!.Dispose();
        (await greedy[0]).Permit.ShouldNotBeNull();
        other.IsCompleted.ShouldBeFalse();
        under[1].Permit!.Dispose();
        (await other).Permit.ShouldNotBeNull();
        greedy[1].IsCompleted.ShouldBeFalse();
        limits.Waiting.ShouldBe(14);
    }

    [Fact]
    public async Task Where_too_many_wait_the_address_with_most_of_them_is_refused_for_the_moment()
    {
        _options.ReadsAtOncePerAddress = 100;
        var limits = Limits();
        var greedy = Enumerable.Range(0, 24).Select(_ => limits.BeginAnonymousAsync(Here, default).AsTask()).ToList();
        greedy.ShouldAllBe(g => !g.IsCompleted || g.Result.Permit != null);
        var other = limits.BeginAnonymousAsync(There, default).AsTask();
        other.IsCompleted.ShouldBeFalse();
        (await greedy[^1]).Error.ShouldNotBeNull().ShouldSatisfyAllConditions(e => e.Code.ShouldBe(ErrorCode.Unavailable), e => e.RetryMs.ShouldBe(1000));
        limits.Waiting.ShouldBe(20);
    }

    [Fact]
    public async Task What_was_read_in_common_is_waited_for_but_not_for_long()
    {
        _options.RequestTimeout = TimeSpan.FromSeconds(2);
        var limits = Limits();
        var read = (await limits.BeginAnonymousAsync(Here, default)).Permit!;
        read.Charge(10_000);
        read.Dispose();
        var first = limits.BeginAnonymousAsync(There, default).AsTask();
        _clock.Advance(TimeSpan.FromMilliseconds(990));
        first.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        (await first).Permit.ShouldNotBeNull().Charge(100_000);

        var late = limits.BeginAnonymousAsync("192.0.2.3", default).AsTask();
        _clock.Advance(TimeSpan.FromMilliseconds(2100));
        (await late).Error!.Code.ShouldBe(ErrorCode.Unavailable);
        limits.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Who_goes_while_it_waits_leaves_nothing_behind()
    {
        _options.ReadsAtOncePerAddress = 5;
        var limits = Limits();
        var under = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => limits.BeginAnonymousAsync(Here, default).AsTask()));
        using var gone = new CancellationTokenSource();
        var waits = limits.BeginAnonymousAsync(Here, gone.Token).AsTask();
        limits.Begin(Here).Error.ShouldNotBeNull("it counts while it waits");
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waits);
        limits.Waiting.ShouldBe(0);
        limits.Begin(Here).Permit.ShouldNotBeNull();
        under.Length.ShouldBe(4);
    }

    [Fact]
    public async Task Zero_lifts_a_limit()
    {
        (_options.ReadBytesPerSecondPerAddress, _options.ReadsAtOncePerAddress) = (0, 0);
        (_options.AnonymousReadBytesPerSecond, _options.AnonymousReadsAtOnce) = (0, 0);
        var limits = Limits();
        for (var i = 0; i < 100; i++)
            (await limits.BeginAnonymousAsync(Here, default)).Permit.ShouldNotBeNull().Charge(1_000_000);
        limits.Check(Here).ShouldBeNull();
    }

    [Fact]
    public void Nobody_gets_round_a_debt_by_being_forgotten()
    {
        var limits = Limits();
        limits.Charge(Here, 9000);
        limits.Sweep();
        limits.Check(Here).ShouldNotBeNull();
        _clock.Advance(TimeSpan.FromSeconds(9));
        limits.Sweep();
        limits.Check(Here).ShouldBeNull();
    }

    [Fact]
    public void Where_there_are_too_many_addresses_for_a_share_each_strangers_hardly_ever_meet()
    {
        var limits = Limits();
        for (var i = 0; i < 50_000; i++)
            limits.Charge("a" + i.ToString(System.Globalization.CultureInfo.InvariantCulture), 1);
        limits.Charge("reads too much", 100_000);
        limits.Check("reads too much").ShouldNotBeNull();
        Enumerable.Range(0, 1000).Count(i => limits.Wait("b" + i.ToString(System.Globalization.CultureInfo.InvariantCulture)) > 0).ShouldBeLessThan(20);
    }

    private ReadLimits Limits() => new(_options, _clock);
}
