using System.Globalization;
using System.Reflection;
using ClusterChat.SimHooks;

namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>What Akka keeps for a thread or for the whole process, and a world must have for itself. Reaches into private fields; the weaver checks that they are there.</summary>
internal static class AkkaStatics
{
    /// <summary>The random numbers that Akka takes on a thread: uids, jitter, choices.</summary>
    public static ThreadLocal<Random> ThreadRandom { get; } = (ThreadLocal<Random>)Find(AkkaFields.Random).GetValue(null)!;

    /// <summary>Sets all counters to what they are at the start of a process.</summary>
    public static void Reset()
    {
        foreach (var (counter, start) in AkkaFields.Counters)
        {
            var field = Find(counter);
            if (field.FieldType.IsPrimitive)
            {
                Set(field, null, start);
                continue;
            }
            // One of Akka's atomic counters.
            var value = field.FieldType.GetField("_value", BindingFlags.Instance | BindingFlags.NonPublic)
                ?? throw new MissingFieldException(field.FieldType.FullName, "_value");
            Set(value, field.GetValue(null), start);
        }
    }

    private static void Set(FieldInfo field, object? owner, long value) =>
        field.SetValue(owner, Convert.ChangeType(value, field.FieldType, CultureInfo.InvariantCulture));

    private static FieldInfo Find(AkkaField field) =>
        Assembly.Load(field.Assembly).GetType(field.Type, throwOnError: true)!.GetField(field.Name, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        ?? throw new MissingFieldException(field.Type, field.Name);
}
