using ClusterChat.Gateway.Identity;

namespace ClusterChat.Gateway.Tests.Identity;

public sealed class GuestSessionsTests
{
    private static int _lastId;
    private readonly Calendar _clock = new();
    private readonly GuestSessions _sessions;

    public GuestSessionsTests() => _sessions = Of(secret: 1);

    [Fact]
    public void A_session_makes_the_same_guest_again_on_every_node_of_the_cluster()
    {
        var guest = _sessions.Restore(null);
        guest.User.ShouldStartWith("g:");
        Of(secret: 1).Restore(guest.Session).ShouldBe(guest);
    }

    [Fact]
    public void Each_new_guest_is_another_one() => _sessions.Restore(null).User.ShouldNotBe(_sessions.Restore(null).User);

    [Fact]
    public void Another_clusters_session_is_worth_nothing()
    {
        var guest = Of(secret: 2).Restore(null);
        _sessions.Restore(guest.Session).User.ShouldNotBe(guest.User);
    }

    [Fact]
    public void A_session_that_was_changed_anywhere_is_worth_nothing()
    {
        var guest = _sessions.Restore(null);
        for (var i = 0; i < guest.Session.Length - 1; i++)
        {
            var forged = guest.Session.ToCharArray();
            forged[i] = forged[i] == 'A' ? 'B' : 'A';
            _sessions.Restore(new string(forged)).User.ShouldNotBe(guest.User);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("not base64 at all!")]
    [InlineData("====")]
    [InlineData("\0\0\0\0")]
    [InlineData("é😀")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_session_makes_a_new_guest(string session)
    {
        var guest = _sessions.Restore(session);
        guest.Session.ShouldNotBe(session);
        _sessions.Restore(guest.Session).ShouldBe(guest);
    }

    [Fact]
    public void A_truncated_or_longer_session_makes_a_new_guest()
    {
        var guest = _sessions.Restore(null);
        for (var length = 0; length < guest.Session.Length; length++)
            _sessions.Restore(guest.Session[..length]).User.ShouldNotBe(guest.User);
        _sessions.Restore(guest.Session + "AAAA").User.ShouldNotBe(guest.User);
    }

    [Fact]
    public void A_session_written_otherwise_comes_back_in_its_one_form_or_not_at_all()
    {
        var guest = _sessions.Restore(null);
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var last = Alphabet.IndexOf(guest.Session[^1], StringComparison.Ordinal);
        string[] others = [guest.Session[..^1] + Alphabet[last ^ 1], guest.Session + "=", guest.Session[..20] + " " + guest.Session[20..]];
        foreach (var other in others)
        {
            var restored = _sessions.Restore(other);
            restored.Session.ShouldNotBe(other);
            _sessions.Restore(restored.Session).ShouldBe(restored);
        }
    }

    [Fact]
    public void A_session_ends_when_it_is_not_shown_for_its_age()
    {
        var guest = _sessions.Restore(null, out var isNew);
        isNew.ShouldBeTrue();
        _clock.Now += TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1);
        _sessions.Restore(guest.Session, out isNew).User.ShouldBe(guest.User);
        isNew.ShouldBeFalse();
        _clock.Now += TimeSpan.FromSeconds(1);
        _sessions.Restore(guest.Session, out isNew).User.ShouldNotBe(guest.User);
        isNew.ShouldBeTrue();
    }

    [Fact]
    public void Who_comes_back_in_time_gets_a_later_session_and_stays_the_same_guest()
    {
        var first = _sessions.Restore(null);
        var guest = first;
        for (var days = 0; days < 400; days += 10)
        {
            _clock.Now += TimeSpan.FromDays(10);
            var again = _sessions.Restore(guest.Session);
            (again == guest).ShouldBe(days % 20 == 0, "replaced only when half of its time is over");
            guest = again;
        }

        guest.User.ShouldBe(first.User);
        _sessions.Restore(first.Session).User.ShouldNotBe(first.User);
    }

    [Fact]
    public void A_session_of_a_node_whose_clock_is_ahead_is_good()
    {
        var guest = _sessions.Restore(null);
        _clock.Now -= TimeSpan.FromMinutes(5);
        _sessions.Restore(guest.Session).ShouldBe(guest);
    }

    private GuestSessions Of(byte secret) => new(
        [.. Enumerable.Repeat(secret, 32)], () => [.. Enumerable.Repeat(Interlocked.Increment(ref _lastId), 16).Select(i => (byte)i)], _clock, TimeSpan.FromDays(30));

    private sealed class Calendar : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
