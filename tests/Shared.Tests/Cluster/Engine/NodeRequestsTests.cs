using ClusterChat.Cluster.Engine;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>Questions to other nodes and their answers.</summary>
public sealed class NodeRequestsTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private readonly ManualClock _clock = new();
    private readonly NodeRequests _requests;
    private readonly List<long> _asked = [];

    public NodeRequestsTests() => _requests = new NodeRequests(_clock);

    [Fact]
    public async Task An_answer_goes_to_who_asked()
    {
        var (one, two) = (Ask(), Ask());
        _requests.Answered(_asked[1], "two");
        _requests.Answered(_asked[0], "one");
        (await one, await two).ShouldBe(("one", "two"));
    }

    [Fact]
    public async Task Without_an_answer_in_time_there_is_none_and_a_late_one_changes_nothing()
    {
        var asked = Ask();
        _clock.Advance(Timeout - TimeSpan.FromTicks(1));
        asked.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromTicks(1));
        (await asked).ShouldBeNull();
        _requests.Answered(_asked[0], "late");
        (await asked).ShouldBeNull();
    }

    [Fact]
    public async Task A_node_may_answer_that_it_does_not_know()
    {
        var asked = Ask();
        _requests.Answered(_asked[0], null);
        (await asked).ShouldBeNull();
    }

    [Fact]
    public async Task An_answer_of_another_kind_is_none()
    {
        var asked = Ask();
        _requests.Answered(_asked[0], new List<string>());
        (await asked).ShouldBeNull();
    }

    [Fact]
    public async Task Only_the_first_answer_counts()
    {
        var asked = Ask();
        _requests.Answered(_asked[0], "first");
        _requests.Answered(_asked[0], "second");
        (await asked).ShouldBe("first");
    }

    [Fact]
    public async Task Who_asked_may_give_up_waiting()
    {
        using var giveUp = new CancellationTokenSource();
        var asked = _requests.AskAsync<string>(_asked.Add, Timeout, giveUp.Token);
        await giveUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(asked);
        _clock.NextDue.ShouldBeNull();
    }

    [Fact]
    public async Task A_question_that_cannot_be_sent_is_not_waited_for()
    {
        await Should.ThrowAsync<InvalidOperationException>(_requests.AskAsync<string>(_ => throw new InvalidOperationException("no way"), Timeout, default));
        _clock.NextDue.ShouldBeNull();
    }

    private Task<string?> Ask() => _requests.AskAsync<string>(_asked.Add, Timeout, default);
}
