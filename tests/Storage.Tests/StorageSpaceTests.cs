using ClusterChat.RoomActors.Journal;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Storage.Tests;

/// <summary>The watch over the space, with a disk that the test plays.</summary>
public sealed class StorageSpaceTests : IAsyncDisposable
{
    private static readonly SpaceLimits Limits = new() { MinFree = 1000 };
    private readonly ManualClock _clock = new();
    private readonly MeterReader _meters = new();
    private readonly SemaphoreSlim _looked = new(0);
    private readonly StorageSpace _space;
    private Func<SpaceReading> _disk = () => new SpaceReading(5000, 70);

    public StorageSpaceTests() => _space = new StorageSpace(Limits, _ => Look(), _clock, NullLogger.Instance, _meters.Meters);

    public async ValueTask DisposeAsync()
    {
        await _space.DisposeAsync();
        _meters.Dispose();
        _looked.Dispose();
    }

    [Fact]
    public async Task It_is_full_when_the_disk_nearly_is_and_no_more_when_there_is_space_again()
    {
        await _space.StartAsync(default);
        _space.IsFull.ShouldBeFalse();
        _meters.Value("clusterchat_journal_full").ShouldBe(0);
        _meters.Value("clusterchat_journal_size_bytes").ShouldBe(70);

        await LookAgainAsync(() => new SpaceReading(900, null));
        _space.IsFull.ShouldBeTrue();
        _meters.Value("clusterchat_journal_full").ShouldBe(1);
        await LookAgainAsync(() => new SpaceReading(1100, null));
        _space.IsFull.ShouldBeTrue();
        await LookAgainAsync(() => new SpaceReading(1300, null));
        _space.IsFull.ShouldBeFalse();
    }

    [Fact]
    public async Task A_start_on_a_full_disk_knows_it_at_once()
    {
        _disk = () => new SpaceReading(10, null);
        await _space.StartAsync(default);
        _space.IsFull.ShouldBeTrue();
    }

    [Fact]
    public async Task What_cannot_be_measured_changes_nothing_and_is_tried_again()
    {
        _disk = () => new SpaceReading(10, null);
        await _space.StartAsync(default);
        await LookAgainAsync(() => throw new JournalUnavailableException("away"));
        await LookAgainAsync(() => throw new IOException("gone"));
        _space.IsFull.ShouldBeTrue();
        await LookAgainAsync(() => new SpaceReading(5000, null));
        _space.IsFull.ShouldBeFalse();
    }

    private ValueTask<SpaceReading> Look()
    {
        try
        {
            return new(_disk());
        }
        finally
        {
            _looked.Release();
        }
    }

    /// <summary>Two looks: when the second one begins, the first one's outcome is there.</summary>
    private async Task LookAgainAsync(Func<SpaceReading> disk)
    {
        _disk = disk;
        while (_looked.Wait(0))
        {
        }

        for (var i = 0; i < 2; i++)
        {
            _clock.Advance(Limits.Interval);
            (await _looked.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        }
    }
}
