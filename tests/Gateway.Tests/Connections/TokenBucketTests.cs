using ClusterChat.Gateway.Connections;

namespace ClusterChat.Gateway.Tests.Connections;

public sealed class TokenBucketTests
{
    [Fact]
    public void It_gives_its_burst_and_then_its_rate()
    {
        var bucket = new TokenBucket(perSecond: 10, burst: 3);
        Take(ref bucket, 1000, 5).ShouldBe(3);
        bucket.RetryMs.ShouldBe(100);
        bucket.TryTake(1099).ShouldBeFalse();
        bucket.RetryMs.ShouldBeInRange(1, 2);
        bucket.TryTake(1100).ShouldBeTrue();
        Take(ref bucket, 100_000, 5).ShouldBe(3);
    }

    [Fact]
    public void Over_a_long_time_it_gives_no_more_than_its_rate_and_its_burst()
    {
        var random = new Random(1);
        var bucket = new TokenBucket(perSecond: 20, burst: 5);
        var (now, taken) = (5L, 0);
        for (var i = 0; i < 10_000; i++)
        {
            now += random.Next(0, 60);
            if (bucket.TryTake(now))
                taken++;
            taken.ShouldBeLessThanOrEqualTo((int)((now * 20 / 1000) + 5 + 1));
        }
    }

    [Fact]
    public void Without_a_rate_there_is_no_limit()
    {
        var bucket = new TokenBucket(perSecond: 0, burst: 0);
        Take(ref bucket, 1, 1000).ShouldBe(1000);
    }

    private static int Take(ref TokenBucket bucket, long now, int times)
    {
        var taken = 0;
        for (var i = 0; i < times; i++)
            taken += bucket.TryTake(now) ? 1 : 0;
        return taken;
    }
}
