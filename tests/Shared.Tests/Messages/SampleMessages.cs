using System.Collections;
using System.Diagnostics;
using System.Reflection;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using ClusterChat.Messages;
using ClusterChat.Protocol;

namespace ClusterChat.Shared.Tests.Messages;

/// <summary>
/// Random messages of every kind that there is, found by reflection: a kind without a wire form fails its test.
/// </summary>
internal sealed class SampleMessages(int seed)
{
    private static readonly NullabilityInfoContext Nullability = new();
    private readonly Random _random = new(seed);

    public static IEnumerable<Type> Kinds() => typeof(ChatMessageSerializer).Assembly.GetTypes()
        .Where(t => !t.IsAbstract && (t.IsSubclassOf(typeof(ToRoom)) || t.IsSubclassOf(typeof(FromRoom)) || t.IsAssignableTo(typeof(INodeMessage))));

    public object Message(Type kind) => Make(kind) switch
    {
        Write m => m with { Trace = _random.Next(3) == 0 ? Trace() : null },
        Writes m => m with { All = [.. m.All.Select(w => w with { Room = m.Room, Gateway = m.Gateway, Stream = m.Stream })] },
        EventsCommitted m => m with { Traces = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => Trace())] },
        var m => m,
    };

    /// <summary>A text that differs whenever two messages differ, in null against empty too.</summary>
    public static string Show(object? value) => value switch
    {
        null => "null",
        string s => $"\"{s}\"",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        MessageTrace trace => trace.ToString(),
        IEnumerable list => "[" + string.Join(", ", list.Cast<object?>().Select(Show)) + "]",
        _ when value.GetType() is var type && (type.IsPrimitive || type.IsEnum) => value.ToString()!,
        _ => value.GetType().Name + "(" + string.Join(", ", value.GetType().GetProperties()
            .Where(p => p.Name != "EqualityContract").OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select(p => $"{p.Name}: {Show(p.GetValue(value))}")) + ")",
    };

    // The wire has microseconds.
    private MessageTrace Trace() => new(
        new ActivityContext(
            ActivityTraceId.CreateFromBytes(Bytes(16)), ActivitySpanId.CreateFromBytes(Bytes(8)), ActivityTraceFlags.Recorded, isRemote: true),
        DateTimeOffset.UnixEpoch.AddMicroseconds(_random.NextInt64(1L << 50)));

    private object Make(Type type)
    {
        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(Argument)]);
    }

    private object? Argument(ParameterInfo parameter)
    {
        var mayBeNull = Nullability.Create(parameter).ReadState == NullabilityState.Nullable;
        return mayBeNull && _random.Next(3) == 0 ? null : Value(Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType);
    }

    private object Value(Type type)
    {
        if (type == typeof(string))
            return Text();
        if (type == typeof(long))
            return Long();
        if (type == typeof(int))
            return _random.Next(4) switch { 0 => int.MaxValue, 1 => int.MinValue, _ => _random.Next(1000) };
        if (type == typeof(bool))
            return _random.Next(2) == 0;
        if (type == typeof(ErrorCode))
            return (ErrorCode)_random.Next(Enum.GetValues<ErrorCode>().Length);
        if (type == typeof(ReadOnlyMemory<byte>))
            return (ReadOnlyMemory<byte>)Bytes(_random.Next(5) == 0 ? 0 : _random.Next(400));
        if (type == typeof(GatewayOrder))
            return Make(_random.Next(4) switch { 0 => typeof(DisconnectUser), 1 => typeof(SendNotice), 2 => typeof(ApplyBlocks), _ => typeof(ListConnections) });
        if (type == typeof(WriteContent))
            return Make(typeof(MessageContent));
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return List(type.GetGenericArguments()[0]);
        return Make(type);
    }

    private Array List(Type element)
    {
        var list = Array.CreateInstance(element, _random.Next(4));
        for (var i = 0; i < list.Length; i++)
        {
            list.SetValue(Value(element), i);
        }

        return list;
    }

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    private string Text() => _random.Next(4) switch
    {
        0 => "",
        1 => "n1/abc",
        2 => "zażółć \U0001F600 \u2028",
        _ => new string('x', _random.Next(200)),
    };

    private long Long() => _random.Next(6) switch
    {
        0 => 0,
        1 => long.MaxValue,
        2 => -1,
        3 => long.MinValue,
        _ => _random.NextInt64(1L << 53),
    };
}
