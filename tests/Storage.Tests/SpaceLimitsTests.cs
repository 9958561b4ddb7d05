namespace ClusterChat.Storage.Tests;

public sealed class SpaceLimitsTests
{
    [Theory]
    [InlineData(1000L, false, false)]
    [InlineData(999L, false, true)]
    [InlineData(1000L, true, true)]
    [InlineData(1249L, true, true)]
    [InlineData(1250L, true, false)]
    [InlineData(null, false, false)]
    [InlineData(null, true, false)]
    public void A_disk_is_full_below_what_has_to_be_free_until_there_is_a_quarter_more(long? free, bool wasFull, bool isFull)
        => new SpaceLimits { MinFree = 1000 }.IsFull(new SpaceReading(free, null), wasFull).ShouldBe(isFull);

    [Theory]
    [InlineData(1000L, false, false)]
    [InlineData(1001L, false, true)]
    [InlineData(951L, true, true)]
    [InlineData(950L, true, false)]
    [InlineData(null, true, false)]
    public void A_database_is_full_above_its_size_until_it_has_a_twentieth_less(long? size, bool wasFull, bool isFull)
        => new SpaceLimits { MaxSize = 1000 }.IsFull(new SpaceReading(0, size), wasFull).ShouldBe(isFull);
}
