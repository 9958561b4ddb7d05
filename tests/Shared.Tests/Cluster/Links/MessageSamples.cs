using System.Collections;
using System.Reflection;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Protocol;

namespace ClusterChat.Shared.Tests.Cluster.Links;

/// <summary>
/// Random messages of every kind that there is, found by reflection: a kind without a wire form fails its test.
/// </summary>
internal sealed class MessageSamples(int seed)
{
    private static readonly NullabilityInfoContext Nullability = new();
    private readonly Random _random = new(seed);

    public static IEnumerable<Type> Kinds() => typeof(LinkMessage).Assembly.GetTypes()
        .Where(t => !t.IsAbstract && (t.IsSubclassOf(typeof(LinkMessage)) || t.IsSubclassOf(typeof(ToRoom)) || t.IsSubclassOf(typeof(FromRoom)))
            && t != typeof(ToRoomLink) && t != typeof(FromRoomLink));

    public LinkMessage Link(Type kind) => Make(kind) switch
    {
        ToRoom m => new ToRoomLink(Long(), m),
        FromRoom m => new FromRoomLink(m),
        var m => (LinkMessage)m,
    };

    /// <summary>A text that differs whenever two messages differ, in null against empty too.</summary>
    public static string Show(object? value) => value switch
    {
        null => "null",
        string s => $"\"{s}\"",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        IEnumerable list => "[" + string.Join(", ", list.Cast<object?>().Select(Show)) + "]",
        _ when value.GetType() is var type && (type.IsPrimitive || type.IsEnum) => value.ToString()!,
        _ => value.GetType().Name + "(" + string.Join(", ", value.GetType().GetProperties()
            .Where(p => p.Name != "EqualityContract").OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select(p => $"{p.Name}: {Show(p.GetValue(value))}")) + ")",
    };

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
            return _random.Next(4) == 0 ? int.MaxValue : _random.Next(1000);
        if (type == typeof(bool))
            return _random.Next(2) == 0;
        if (type == typeof(ErrorCode))
            return (ErrorCode)_random.Next(Enum.GetValues<ErrorCode>().Length);
        if (type == typeof(ReadOnlyMemory<byte>))
            return (ReadOnlyMemory<byte>)Bytes();
        if (type == typeof(GatewayOrder))
            return Make(_random.Next(3) switch { 0 => typeof(DisconnectUser), 1 => typeof(SendNotice), _ => typeof(ListConnections) });
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

    private byte[] Bytes()
    {
        var bytes = new byte[_random.Next(5) == 0 ? 0 : _random.Next(400)];
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
        _ => _random.NextInt64(1L << 53),
    };
}
