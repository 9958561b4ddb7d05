using ClusterChat.SimHooks;
using Mono.Cecil;

namespace ClusterChat.Weaver;

/// <summary>Which calls become which: what the attributes of <see cref="Hooks"/> say.</summary>
internal sealed class HookTable
{
    private readonly Dictionary<string, MethodDefinition> _hooks = new(StringComparer.Ordinal);

    private HookTable(ModuleDefinition module)
    {
        foreach (var hook in module.GetType(typeof(Hooks).FullName).Methods)
        {
            foreach (var replaces in hook.CustomAttributes.Where(a => a.AttributeType.FullName == typeof(ReplacesAttribute).FullName))
                _hooks.Add((string)replaces.ConstructorArguments[0].Value, hook);
        }
    }

    public static HookTable Load() => new(AssemblyDefinition.ReadAssembly(typeof(Hooks).Assembly.Location).MainModule);

    /// <summary>How a method is written in the table and in the list of what escapes.</summary>
    public static string Key(MethodReference method)
    {
        var element = method.GetElementMethod();
        return $"{element.DeclaringType.GetElementType().FullName}::{element.Name}({string.Join(",", element.Parameters.Select(p => p.ParameterType.FullName))})";
    }

    /// <summary>What to call in place of a method; null if it stays.</summary>
    /// <exception cref="InvalidOperationException">The hook's parameters are not those of the method.</exception>
    public MethodReference? Find(MethodReference called, string key, ModuleDefinition module)
    {
        if (!_hooks.TryGetValue(key, out var hook))
            return null;
        var parameters = called.Parameters.Count + (called.HasThis && called.Name != ".ctor" ? 1 : 0);
        if (hook.Parameters.Count != parameters)
            throw new InvalidOperationException($"{hook.FullName} has {hook.Parameters.Count} parameters; {key} needs {parameters}.");
        var imported = module.ImportReference(hook);
        if (!hook.HasGenericParameters)
            return imported;
        var generic = new GenericInstanceMethod(imported);
        generic.GenericArguments.Add(called is GenericInstanceMethod method
            ? method.GenericArguments[0]
            : ((GenericInstanceType)called.DeclaringType).GenericArguments[0]);
        return generic;
    }
}
