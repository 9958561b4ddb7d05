using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Tests.Connections;

/// <summary>What a gateway shows of itself.</summary>
public sealed class GatewayMetricsTests : IDisposable
{
    private readonly ConnectionWorld _world = new();

    public static TheoryData<CloseReason> Reasons => [.. Enum.GetValues<CloseReason>()];

    public static TheoryData<ErrorCode> Codes => [.. Enum.GetValues<ErrorCode>()];

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Connections_are_counted_by_what_they_speak_as_they_come_and_go()
    {
        var json = _world.Hello();
        _world.OpenPlain("lobby", "bob");
        Value("clusterchat_connections", "kind=json").ShouldBe(1);
        Value("clusterchat_connections", "kind=plain").ShouldBe(1);

        _world.Registry.Remove(json.Connection);
        _world.Registry.Remove(json.Connection);
        Value("clusterchat_connections", "kind=json").ShouldBe(0);
        Value("clusterchat_connections_opened_total", "kind=json").ShouldBe(1);
        Value("clusterchat_connections_closed_total", "reason=client").ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Each_reason_to_close_has_its_count(CloseReason reason)
    {
        var client = _world.Hello();
        client.Connection.Outbox.Close(reason, "test");
        _world.Run();
        _world.Registry.Remove(client.Connection);
        Value("clusterchat_connections_closed_total", "reason=" + reason.Text()).ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void Each_refusal_has_its_count(ErrorCode code)
    {
        _world.Hello().Connection.SendError(1, new ProtocolError(code, "test"));
        Value("clusterchat_rejections_total", "code=" + ErrorCodes.Name(code)).ShouldBe(1);
    }

    [Fact]
    public void What_waits_and_what_was_written_is_counted()
    {
        var client = _world.Hello();
        var before = Value("clusterchat_lanes_written_bytes_total");
        client.Transport.IsSlow = true;
        client.Connection.Outbox.Append(new byte[10]);
        _world.Run();
        client.Connection.Outbox.Append(new byte[70]);
        Value("clusterchat_outboxes_queued_bytes").ShouldBe(80, "what is being written is not taken yet");
        Value("clusterchat_outbox_deepest_bytes").ShouldBe(80);
        Value("clusterchat_output_held_bytes").ShouldBe(80);

        client.Transport.IsSlow = false;
        client.Transport.Take();
        _world.Run();
        Value("clusterchat_outboxes_queued_bytes").ShouldBe(0);
        Value("clusterchat_output_held_bytes").ShouldBe(0);
        Value("clusterchat_lanes_written_bytes_total").ShouldBe(before + 80);
        Value("clusterchat_lanes_batches_total").ShouldBeGreaterThanOrEqualTo(Value("clusterchat_lanes_turns_total"));
    }

    [Fact]
    public void Who_was_given_up_for_what_is_held_is_counted()
    {
        using var world = new ConnectionWorld(o => o.OutputBytes = 100);
        var client = world.Hello();
        client.Transport.IsSlow = true;
        client.Connection.Outbox.Append(new byte[101]);
        world.Run();
        world.Meters.Value("clusterchat_output_given_up_total").ShouldBe(1);
        world.Registry.Remove(client.Connection);
        world.Meters.Value("clusterchat_connections_closed_total", "reason=slow").ShouldBe(1);
        world.Meters.Value("clusterchat_output_held_bytes").ShouldBe(0);
    }

    [Fact]
    public void The_shares_that_are_remembered_are_counted_and_those_that_are_given_up()
    {
        using var world = new ConnectionWorld(o => o.MaxUnusedShares = 4);
        for (var i = 0; i < 5; i++)
            world.Services.Limits.Request(new System.Net.IPAddress([192, 0, 2, (byte)i]));
        world.Meters.Value("clusterchat_shares", "of=address").ShouldBe(3);
        world.Meters.Value("clusterchat_shares_evicted_total", "of=address").ShouldBe(2);
        world.Meters.Value("clusterchat_shares", "of=user").ShouldBe(0);
    }

    [Fact]
    public void A_limit_is_shown_and_none_where_there_is_none()
    {
        using var some = new ConnectionWorld(o => (o.MaxSubscriptions, o.OutputBytes) = (7, int.MaxValue));
        some.Meters.Value("clusterchat_subscriptions_limit").ShouldBe(7);
        some.Meters.Value("clusterchat_output_limit_bytes").ShouldBe(int.MaxValue);

        using var none = new ConnectionWorld(o => (o.MaxSubscriptions, o.OutputBytes) = (0, 0));
        none.Meters.Read().Values.SelectMany(f => f.Samples).ShouldNotContain(s => s.Name == "clusterchat_subscriptions_limit" || s.Name == "clusterchat_output_limit_bytes");
    }

    private double Value(string sample, params string[] labels) => _world.Meters.Value(sample, labels);
}
