namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>One node and a bystander for all tests of bad input: whatever one case does, the next ones would feel it.</summary>
public sealed class SharedNode : IAsyncLifetime
{
    public const string Collection = "Bad input";

    private readonly DataFolder _data = new();
    private NodeProcess _node = null!;
    private Bystander _bystander = null!;
    private int _seenErrors;

    internal int Port => _node.Port;

    internal NodeProcess Node => _node;

    internal Bystander Bystander => _bystander;

    public async Task InitializeAsync()
    {
        // No test may pass because the clock closed a connection that should have been closed at once.
        _node = await NodeProcess.StartAsync(NodeOptions.Unlimited(_data.Path)
            .With("Limits:HelloTimeout", "01:00:00").With("Limits:PingInterval", "01:00:00"));
        _bystander = await Bystander.StartAsync(_node.Port, "lobby");
    }

    public async Task DisposeAsync()
    {
        try
        {
            await _bystander.ShouldFlowAsync();
            await _bystander.DisposeAsync();
            _node.Terminate();
            (await _node.ExitAsync()).ShouldBe(0);

            // All that it wrote has been read by now.
            _node.Errors.ShouldBeEmpty();
            _node.Warnings.ShouldBeEmpty("bad input is no reason to wake anybody");
        }
        finally
        {
            await _node.DisposeAsync();
            _data.Dispose();
        }
    }

    /// <summary>The process lives and has nothing to complain of, and the bystander's messages flow.</summary>
    internal async Task ShouldBeUnharmedAsync()
    {
        await _bystander.ShouldFlowAsync();
        _node.IsRunning.ShouldBeTrue("the node ended:\n" + _node.Output);

        // Each error fails the one test that it came with; all of them fail the end.
        var errors = _node.Errors;
        var fresh = errors.Skip(_seenErrors).ToList();
        _seenErrors = errors.Count;
        fresh.ShouldBeEmpty();
    }

    /// <summary>A client that has said hello: the next frames are the test's to write and read.</summary>
    internal async Task<WebSocketWire> HelloRawAsync(string name)
    {
        var wire = await WebSocketWire.ConnectAsync(Port);
        await wire.SendTextAsync($$"""{"id":1,"t":"hello","name":"{{name}}"}""");
        (await wire.ReadTextAsync()).ShouldContain("welcome");
        return wire;
    }
}

[CollectionDefinition(SharedNode.Collection)]
public sealed class BadInputCollection : ICollectionFixture<SharedNode>;
