using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>
/// .NET seeds the hash codes of strings and of <see cref="HashCode"/> (tuples, records) anew in each process, and what enumerates an immutable set or
/// dictionary then goes another way: Akka's gossip, sharding and replicated data do. This gives the seeds fixed values. Without it a seed's
/// run repeats inside of one process and not in the next.
/// </summary>
/// <remarks>Only right at the start of a process of the tests' own: what was put into a table before would not be found any more.</remarks>
internal static class StableHashes
{
    /// <exception cref="MissingFieldException">This version of .NET keeps the seeds elsewhere.</exception>
    public static void Fix()
    {
        Set(typeof(string).Assembly.GetType("System.Marvin"), "<DefaultSeed>k__BackingField", 0x0123456789abcdefUL, OpCodes.Stind_I8);
        Set(typeof(HashCode), "s_seed", 0x89abcdefU, OpCodes.Stind_I4);
    }

    private static void Set<T>(Type? owner, string name, T value, OpCode store) where T : struct
    {
        if (owner?.GetField(name, System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static) is not { } field || field.FieldType != typeof(T))
            throw new MissingFieldException(owner?.FullName, name);
        // Its own initializer has to run first. The field is readonly: reflection refuses to set it, code that is made at run time may.
        RuntimeHelpers.RunClassConstructor(owner.TypeHandle);
        var set = new DynamicMethod("Set", null, [typeof(T)], typeof(string).Module, skipVisibility: true);
        var code = set.GetILGenerator();
        code.Emit(OpCodes.Ldsflda, field);
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(store);
        code.Emit(OpCodes.Ret);
        set.CreateDelegate<Action<T>>()(value);
    }
}
