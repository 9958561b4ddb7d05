using System.Globalization;
using ClusterChat.SimHooks;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace ClusterChat.Weaver;

/// <summary>
/// Rewrites assemblies: calls that a hook replaces become calls of the hook, and nothing else changes. What no hook replaces and would leave a
/// simulation is written down.
/// </summary>
/// <param name="hooks">What is replaced.</param>
/// <param name="folders">Where the assemblies lie that the woven ones refer to.</param>
internal sealed class Weaving(HookTable hooks, IEnumerable<string> folders)
{
    private readonly List<string> _folders = [.. folders];

    /// <summary>What was found so far.</summary>
    public Findings Found { get; } = new();

    /// <returns>A line that says how often each hook was put in.</returns>
    public string Weave(Stream source, Stream target)
    {
        using var resolver = new DefaultAssemblyResolver();
        _folders.ForEach(resolver.AddSearchDirectory);
        using var assembly = AssemblyDefinition.ReadAssembly(source, new ReaderParameters { AssemblyResolver = resolver });
        var name = assembly.Name.Name;
        Found.Versions.Add(name, assembly.Name.Version.ToString());
        foreach (var field in AkkaFields.All.Where(f => f.Assembly == name))
        {
            if (assembly.MainModule.GetType(field.Type)?.Fields.Any(f => f.Name == field.Name && f.IsStatic) is not true)
                Found.MissingFields.Add($"{name} {field.Type}.{field.Name}");
        }
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var method in assembly.MainModule.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody))
            Weave(method, counts);
        assembly.Write(target);
        return counts.Count == 0
            ? $"{name}: nothing to replace"
            : $"{name}: {string.Join(", ", counts.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.Value}")))}";
    }

    private void Weave(MethodDefinition method, SortedDictionary<string, int> counts)
    {
        var place = $"{method.Module.Assembly.Name.Name} {Outermost(method.DeclaringType).FullName}";
        if (EscapeRules.BlocksByAwaiter(method.Body))
            Found.Escapes.Add($"{place}: blocks by GetAwaiter().GetResult()");
        foreach (var instruction in method.Body.Instructions)
        {
            if (instruction.Operand is not MethodReference called)
                continue;
            var key = HookTable.Key(called);
            if (IsCall(instruction, called) && hooks.Find(called, key, method.Module) is { } hook)
            {
                // A constructor's new object comes from a static method as well as an instance method's outcome does.
                if (instruction.OpCode != OpCodes.Ldftn)
                    instruction.OpCode = OpCodes.Call;
                instruction.Operand = hook;
                counts[hook.Name] = counts.GetValueOrDefault(hook.Name) + 1;
            }
            else if (EscapeRules.IsEscape(key))
            {
                Found.Escapes.Add($"{place}: {key}");
            }
        }
    }

    /// <summary>Delegates of static methods can be replaced; those of instance methods carry their instance.</summary>
    private static bool IsCall(Instruction instruction, MethodReference called) => instruction.OpCode.Code switch
    {
        Code.Call or Code.Callvirt or Code.Newobj => true,
        Code.Ldftn => !called.HasThis,
        _ => false,
    };

    /// <summary>Without the names that the compiler gives to lambdas and state machines: they change from build to build.</summary>
    private static TypeDefinition Outermost(TypeDefinition type)
    {
        while (type.Name.StartsWith('<') && type.DeclaringType is { } outer)
            type = outer;
        return type;
    }
}
