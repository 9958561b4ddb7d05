using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Actors;

public class TestProbeTests
{
    private readonly TestProbe<object> _probe = new();

    [Fact]
    public async Task It_gives_messages_in_order_and_waits_for_them()
    {
        var waiting = _probe.ExpectAsync<string>();
        waiting.IsCompleted.ShouldBeFalse();
        _probe.Tell("a").ShouldBeTrue();
        _probe.Tell("b").ShouldBeTrue();
        (await waiting).ShouldBe("a");
        _probe.Expect<string>().ShouldBe("b");
        _probe.ExpectNone();
        _probe.Messages.ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task A_wrong_message_fails_with_a_list_of_what_came()
    {
        _probe.Tell("first");
        _probe.Tell("second");
        var failure = await Should.ThrowAsync<TestProbeException>(() => _probe.ExpectAsync<Version>());
        failure.Message.ShouldContain("Version was expected, but next is first");
        failure.Message.ShouldContain("second");
        Should.Throw<TestProbeException>(_probe.ExpectNone);
        Should.Throw<TestProbeException>(() => _probe.Expect<Version>());
    }

    [Fact]
    public async Task A_message_that_does_not_come_fails()
    {
        var failure = await Should.ThrowAsync<TestProbeException>(() => _probe.ExpectAsync<string>(TimeSpan.FromMilliseconds(1)));
        failure.Message.ShouldContain("no message came");
        // A wait that gave up must not swallow what comes later.
        _probe.Tell("late");
        (await _probe.ExpectAsync<string>()).ShouldBe("late");
    }

    [Fact]
    public void A_stopped_probe_takes_nothing()
    {
        _probe.Stop();
        _probe.Tell("x").ShouldBeFalse();
        _probe.Stopped.IsCompletedSuccessfully.ShouldBeTrue();
        Should.Throw<TestProbeException>(() => _probe.Expect<string>());
    }
}
