using System.Diagnostics;
using ClusterChat.Diagnostics;

namespace ClusterChat.Tests.Diagnostics;

public sealed class MessageTracesTests : IDisposable
{
    private readonly List<Activity> _ended = [];
    private readonly string _room = Guid.NewGuid().ToString("N");
    private ActivityListener? _listener;

    public void Dispose() => _listener?.Dispose();

    [Fact]
    public void Where_nobody_listens_nothing_is_traced()
    {
        using var traces = new MessageTraces("n1", 1, TimeProvider.System);
        traces.Begin(_room).ShouldBeNull();
    }

    [Fact]
    public void About_the_share_that_was_asked_for_is_traced()
    {
        Listen();
        using var traces = new MessageTraces("n1", 0.25, TimeProvider.System);
        using var none = new MessageTraces("n1", 0, TimeProvider.System);

        // 10,000 tries: the odds of being as far off as this are below one in 10^20.
        Enumerable.Range(0, 10_000).Count(_ => traces.Begin(_room) is not null).ShouldBeInRange(2000, 3000);
        Enumerable.Range(0, 10_000).Count(_ => none.Begin(_room) is not null).ShouldBe(0);
    }

    [Fact]
    public void Spans_belong_to_the_root_and_leave_the_thread_s_own_alone()
    {
        Listen();
        using var traces = new MessageTraces("n1", 1, TimeProvider.System);
        using var own = new Activity("mine").Start();
        var root = traces.Begin(_room).ShouldNotBeNull();
        root.ParentSpanId.ShouldBe(default);
        var trace = traces.Of(root);
        traces.Done("decide", trace, _room, TimeSpan.FromMilliseconds(7), "fine");
        traces.Arrived(trace with { SentAt = DateTimeOffset.MaxValue }, _room, "n2/1");
        traces.End(root, "busy");

        Activity.Current.ShouldBe(own);
        _ended.Select(s => s.OperationName).ShouldBe(["decide", "link", "send"]);
        _ended.Take(2).ShouldAllBe(s => s.ParentSpanId == root.SpanId && s.TraceId == root.TraceId);
        _ended[0].Duration.ShouldBe(TimeSpan.FromMilliseconds(7));
        _ended[0].GetTagItem("clusterchat.outcome").ShouldBe("fine");
        _ended[1].Duration.ShouldBeLessThanOrEqualTo(TimeSpan.FromTicks(1), "the sender's clock was ahead");
        root.Status.ShouldBe(ActivityStatusCode.Error);
        root.StatusDescription.ShouldBe("busy");
    }

    private void Listen()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MessageTraces.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if ((string?)span.GetTagItem("clusterchat.room") == _room)
                    _ended.Add(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }
}
