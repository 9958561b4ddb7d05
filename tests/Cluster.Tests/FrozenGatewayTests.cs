using System.Globalization;
using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.Cluster.Tests.Harness.Broadcasts;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>
/// A gateway that stands still while durable rooms of another node say 20 MB/s (SQLite on a machine of two cores commits that): nobody else waits
/// for it, and it costs the owner little.
/// </summary>
[Collection(FaultCollection.Name)]
public sealed class FrozenGatewayTests(ITestOutputHelper output)
{
    private const long MiB = 1024 * 1024;

    /// <summary>
    /// The owner holds 16 MiB at most for a gateway (<c>FlowLimits</c>) and 4 MiB on their way into the socket. The rest is the garbage
    /// collector's: this process has some 210 MiB under this load, which go up and down by 25. Measured: 0 to 23 MiB more within the 5 s until the
    /// eviction; without those limits 80 to 95 MiB.
    /// </summary>
    private const long MaxGrowth = 64 * MiB;

    /// <summary>
    /// How much longer one in a hundred messages may take than before. Whoever waited for the frozen gateway would do so for the 5 s until it
    /// is evicted. Measured on two cores: 30 to 110 ms meanwhile, and 300 ms where others need them too.
    /// </summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task One_that_goes_on_before_it_is_evicted_fetches_what_was_dropped_and_its_clients_lose_nothing()
    {
        await using var group = await StartAsync();
        await using var broadcast = Loud(group["g2"].Port, () => group["g1"].Port);
        await using var memory = new ResidentMemory(group["r1"]);
        var before = await WarmUpAsync(broadcast, memory);

        group["g1"].Freeze();
        await Task.Delay(TimeSpan.FromSeconds(2.5), TimeProvider.System);
        group["g1"].Thaw();

        ShouldHaveTouchedNobody(before, Take(broadcast, memory));
        await broadcast.SettleAsync();
        broadcast.Violations().ShouldBeEmpty();
        broadcast.Authors.ShouldAllBe(a => a.Connections == 1);
        (await group["r1"].ViewAsync()).Names().Count.ShouldBe(3);
        foreach (var name in new[] { "r1", "g1", "g2" })
            group[name].ShouldBeUnharmed();
    }

    [Fact]
    public async Task One_that_is_evicted_has_cost_its_owner_a_bounded_memory_and_its_clients_lose_nothing_elsewhere()
    {
        await using var group = await StartAsync();
        var gateway = group["g1"].Port;
        await using var broadcast = Loud(group["g2"].Port, () => gateway);
        await using var memory = new ResidentMemory(group["r1"]);
        var before = await WarmUpAsync(broadcast, memory);

        group["g1"].Freeze();
        await group["r1"].WaitForViewAsync(names => names.Count == 2);

        var meanwhile = Take(broadcast, memory);
        meanwhile.Bytes.ShouldBeGreaterThan(MaxGrowth + (8 * MiB), "too little was said to tell bounded from unbounded");
        ShouldHaveTouchedNobody(before, meanwhile);
        gateway = group["g2"].Port;
        broadcast.Listener.Move();
        await broadcast.SettleAsync();
        broadcast.Violations().ShouldBeEmpty();
        broadcast.Authors.ShouldAllBe(a => a.Connections == 1);
        broadcast.Listener.Connections.ShouldBe(2);
        group["g1"].Thaw();
        (await group["g1"].ExitAsync()).ShouldBe(1);
        foreach (var name in new[] { "r1", "g2" })
            group[name].ShouldBeUnharmed();
    }

    private static Broadcast Loud(int authorsGateway, Func<int> listenersGateway)
        => new(rooms: 8, textBytes: 16_000, bytesPerSecond: 20e6, authorsGateway, listenersGateway);

    private static async Task<NodeGroup> StartAsync()
    {
        var group = new NodeGroup();
        await Task.WhenAll(
            group.AddAsync(group.Options("r1", "rooms")), group.AddAsync(group.Options("g1", "gateway")), group.AddAsync(group.Options("g2", "gateway")));
        await group.SettleAsync();
        return group;
    }

    /// <summary>Until the code is compiled, the heap has its size and the machine keeps up; but not for ever, a freeze tells something anyway.</summary>
    /// <returns>The last second of it.</returns>
    private async Task<Interval> WarmUpAsync(Broadcast broadcast, ResidentMemory memory)
    {
        const int Least = 4;
        const int Most = 20;
        await broadcast.StartAsync();
        for (var second = 1; ; second++)
        {
            Take(broadcast, memory, quietly: true);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            if (second >= Least && Take(broadcast, memory) is var last && (second >= Most || (last.Bytes > 18e6 && last.P99 < MaxDelay / 4)))
                return last;
        }
    }

    private static void ShouldHaveTouchedNobody(Interval before, Interval meanwhile)
    {
        (meanwhile.Memory - before.Memory).ShouldBeLessThan(MaxGrowth);
        (meanwhile.P99 - before.P99).ShouldBeLessThan(MaxDelay);
    }

    private Interval Take(Broadcast broadcast, ResidentMemory memory, bool quietly = false)
    {
        var (bytes, delays) = broadcast.Take();
        var taken = new Interval(bytes, At(0.99), memory.TakePeak());
        if (!quietly)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{bytes / 1e6:F0} MB to the other gateway in {delays.Count} events, after {At(0.5).TotalMilliseconds:F0} ms (p50), {At(0.99).TotalMilliseconds:F0} ms (p99), {At(1).TotalMilliseconds:F0} ms at most; the owner has {taken.Memory / MiB} MiB"));
        }

        return taken;

        TimeSpan At(double part) => delays.Count == 0 ? TimeSpan.Zero : delays[(int)(part * (delays.Count - 1))];
    }

    /// <summary>What there was in some seconds.</summary>
    /// <param name="Bytes">Events at the other gateway.</param>
    /// <param name="P99">How long they took to there.</param>
    /// <param name="Memory">The most that the owner had.</param>
    private readonly record struct Interval(long Bytes, TimeSpan P99, long Memory);
}
