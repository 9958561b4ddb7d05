using BenchmarkDotNet.Attributes;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.WebSockets;

namespace ClusterChat.MicroBench;

/// <summary>
/// A line of 150 bytes to all members, through outboxes, lanes and frames, to streams that take everything. The column
/// "Allocated" is what one broadcast allocates: it is not to grow with the members.
/// </summary>
public class FanoutBenchmarks
{
    private static readonly byte[] Line = new byte[150];

    private readonly QueueDispatcher _dispatcher = (QueueDispatcher)QueueDispatcher.CreateSystem().Dispatchers.DefaultGlobalDispatcher;
    private Outbox[] _outboxes = [];

    [Params(1, 50, 500)]
    public int Members { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var lanes = new Lanes(_dispatcher, Environment.ProcessorCount);
        _outboxes = [.. Enumerable.Range(0, Members).Select(_ => NewOutbox(lanes))];
    }

    [Benchmark]
    public void Broadcast()
    {
        foreach (var outbox in _outboxes)
        {
            outbox.Append(Line);
        }

        _dispatcher.RunAll();
    }

    private static Outbox NewOutbox(Lanes lanes) =>
        new(new WebSocketTransport(Stream.Null, () => { }, WebSocketLimits.Default), lanes, TimeProvider.System, new GatewayOptions().OutboxBytes);
}
