using ClusterChat.Cluster;
using ClusterChat.RoomActors.Rooms;
using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>What a node keeps of rooms that stopped elsewhere.</summary>
public sealed class RoomKeeperTests
{
    private const int LineBytes = 1000;
    private readonly ManualClock _clock = new();
    private readonly RoomOptions _options = new();
    private readonly RoomKeeper _keeper;

    public RoomKeeperTests() => _keeper = new RoomKeeper(_options, _clock);

    [Fact]
    public void A_state_is_taken_once()
    {
        var state = State(3);
        _keeper.Keep("a", state);
        _keeper.Take("b", alone: false).ShouldBeNull();
        _keeper.Take("a", alone: false).ShouldBeSameAs(state);
        _keeper.Take("a", alone: false).ShouldBeNull();
    }

    [Fact]
    public void Of_two_states_the_one_of_the_later_activation_stays()
    {
        var later = State(4);
        _keeper.Keep("a", State(3));
        _keeper.Keep("a", later);
        _keeper.Keep("a", State(2));
        _keeper.Take("a", alone: false).ShouldBeSameAs(later);
    }

    [Fact]
    public void Of_two_states_of_one_activation_the_later_word_counts()
    {
        var later = State(3);
        _keeper.Keep("a", RoomHandover.Nothing(3));
        _keeper.Keep("a", later);
        _keeper.Take("a", alone: false).ShouldBeSameAs(later);
    }

    [Fact]
    public void That_there_is_nothing_any_more_is_kept_against_what_comes_late()
    {
        _keeper.Keep("a", State(3));
        _keeper.Keep("a", RoomHandover.Nothing(5));
        _keeper.Take("a", alone: false).ShouldBeNull();
        _keeper.Keep("a", State(4));
        _keeper.Take("a", alone: false).ShouldBeNull();
        _keeper.Keep("a", State(6));
        _keeper.Take("a", alone: false).ShouldNotBeNull();
    }

    [Fact]
    public void What_was_taken_for_one_alone_is_promised_to_nobody_else()
    {
        _keeper.Keep("a", State(3)).ShouldBeTrue();
        _keeper.Take("a", alone: true).ShouldNotBeNull();
        _keeper.Keep("a", RoomHandover.Nothing(4)).ShouldBeFalse();
        _keeper.Keep("a", State(3)).ShouldBeTrue();
        _keeper.Take("a", alone: true).ShouldBeNull();

        // Of a later activation, whose state came here as well.
        _keeper.Keep("a", State(6)).ShouldBeTrue();
        _keeper.Keep("a", RoomHandover.Nothing(4)).ShouldBeFalse();
        _keeper.Keep("a", RoomHandover.Nothing(7)).ShouldBeTrue();
        _keeper.Keep("a", RoomHandover.Nothing(7)).ShouldBeTrue();
        _keeper.Take("a", alone: true).ShouldBeNull();
    }

    [Fact]
    public void After_a_while_a_state_is_forgotten()
    {
        _keeper.Keep("a", State(3));
        _keeper.Keep("b", State(3));
        _clock.Advance(_options.KeptFor);
        _keeper.Take("a", alone: false).ShouldNotBeNull();
        _clock.Advance(TimeSpan.FromTicks(1));
        _keeper.Take("b", alone: false).ShouldBeNull();
    }

    [Fact]
    public void A_newer_state_of_the_same_activation_has_its_own_time()
    {
        _keeper.Keep("a", RoomHandover.Nothing(3));
        _clock.Advance(_options.KeptFor);
        _keeper.Keep("a", State(3));
        _clock.Advance(_options.KeptFor);
        _keeper.Take("a", alone: false).ShouldNotBeNull();
    }

    [Fact]
    public void Beyond_so_many_bytes_the_oldest_states_go_first()
    {
        _options.KeptBytes = 10 * LineBytes;
        for (var i = 0; i < 20; i++)
        {
            _keeper.Keep($"{i:00}", State(1));
        }

        var kept = Enumerable.Range(0, 20).Where(i => _keeper.Take($"{i:00}", alone: false) is not null).ToList();
        kept.Count.ShouldBeInRange(5, 9);
        kept.ShouldBe(Enumerable.Range(20 - kept.Count, kept.Count));
    }

    [Fact]
    public void What_was_taken_or_replaced_does_not_count_any_more()
    {
        _options.KeptBytes = 2 * LineBytes;
        _keeper.Keep("first", State(1));
        _keeper.Take("first", alone: false).ShouldNotBeNull();
        for (var i = 1; i < 20; i++)
        {
            _keeper.Keep("a", State(i));
        }

        _keeper.Take("a", alone: false)!.Epoch.ShouldBe(19);
    }

    [Fact]
    public void A_state_that_is_too_large_takes_the_place_of_an_older_one_and_is_not_kept()
    {
        _keeper.Keep("a", State(1));
        _keeper.Keep("b", State(1));
        _options.KeptBytes = 3 * LineBytes;
        _keeper.Keep("a", State(2, events: 4));
        _keeper.Take("a", alone: false).ShouldBeNull();
        _keeper.Take("b", alone: false).ShouldNotBeNull();
    }

    private static RoomHandover State(long epoch, int events = 1)
        => new("log", epoch, events, [.. Enumerable.Range(0, events).Select(i => new HandedEvent(1, "ann", $"m{i}", 1, 0, new byte[LineBytes]))], [], null, []);
}
