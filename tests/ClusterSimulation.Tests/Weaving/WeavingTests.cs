using System.Reflection;
using System.Runtime.CompilerServices;
using ClusterChat.Weaver;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace ClusterChat.ClusterSimulation.Tests;

/// <summary>The weaver on assemblies that are made up.</summary>
public class WeavingTests
{
    private const string Name = "Akka.Fake";
    private const string Version = "assembly Akka.Fake 1.2.3.0";
    private const string Sleep = "Akka.Fake Fake.Code: System.Threading.Thread::Sleep(System.Int32)";

    [Fact]
    public void A_clock_that_is_read_becomes_a_call_of_the_hook()
    {
        var (found, calls) = Weave(Name, (il, module) =>
        {
            il.Emit(OpCodes.Call, module.ImportReference(Method(typeof(DateTime), "get_UtcNow")));
            il.Emit(OpCodes.Pop);
        });
        calls.ShouldBe(["ClusterChat.SimHooks.Hooks::DateTimeUtcNow()"]);
        Problems(found, Version).ShouldBeEmpty();
    }

    [Fact]
    public void A_call_that_leaves_fails_unless_the_list_has_it()
    {
        var (found, _) = Weave(Name, EmitSleep);
        Problems(found, Version).ShouldHaveSingleItem().ShouldContain(Sleep);
        Problems(found, Version, "escape " + Sleep).ShouldBeEmpty();
    }

    [Fact]
    public void A_blocking_wait_by_an_awaiter_is_found()
    {
        var (found, _) = Weave(Name, (il, module) =>
        {
            var awaiter = new VariableDefinition(module.ImportReference(typeof(TaskAwaiter)));
            il.Body.Variables.Add(awaiter);
            il.Emit(OpCodes.Ldnull);
            il.Emit(OpCodes.Callvirt, module.ImportReference(Method(typeof(Task), "GetAwaiter")));
            il.Emit(OpCodes.Stloc, awaiter);
            il.Emit(OpCodes.Ldloca, awaiter);
            il.Emit(OpCodes.Call, module.ImportReference(Method(typeof(TaskAwaiter), "GetResult")));
        });
        Problems(found, Version).ShouldHaveSingleItem().ShouldContain("blocks by GetAwaiter().GetResult()");
    }

    [Fact]
    public void A_listed_call_that_is_gone_fails()
    {
        var (found, _) = Weave(Name, (_, _) => { });
        Problems(found, Version, "escape " + Sleep).ShouldHaveSingleItem().ShouldContain("not there any more");
    }

    [Fact]
    public void Another_version_fails_until_the_list_names_it()
    {
        var (found, _) = Weave(Name, (_, _) => { });
        Problems(found, "assembly Akka.Fake 1.2.2.0").ShouldHaveSingleItem().ShouldContain("1.2.3.0");
        Problems(found).ShouldHaveSingleItem().ShouldContain("1.2.3.0");
    }

    [Fact]
    public void A_needed_field_that_is_gone_fails()
    {
        var (found, _) = Weave("Akka.DistributedData", (_, _) => { });
        Problems(found, "assembly Akka.DistributedData 1.2.3.0").ShouldHaveSingleItem().ShouldContain("Akka.DistributedData.VersionVector.Counter");
    }

    [Fact]
    public void A_line_that_is_none_is_refused() =>
        Should.Throw<FormatException>(() => KnownEscapes.Parse(["escapes Akka Sleep"])).Message.ShouldContain("escapes Akka Sleep");

    private static void EmitSleep(ILProcessor il, ModuleDefinition module)
    {
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Call, module.ImportReference(typeof(Thread).GetMethod(nameof(Thread.Sleep), [typeof(int)])));
    }

    private static MethodInfo Method(Type type, string name) => type.GetMethod(name, Type.EmptyTypes)!;

    private static List<string> Problems(Findings found, params string[] known) => [.. KnownEscapes.Parse(known).Compare(found)];

    /// <returns>What was found, and what the method calls afterwards.</returns>
    private static (Findings Found, IReadOnlyList<string> Calls) Weave(string name, Action<ILProcessor, ModuleDefinition> body)
    {
        using var assembly = AssemblyDefinition.CreateAssembly(new AssemblyNameDefinition(name, new Version(1, 2, 3, 0)), name, ModuleKind.Dll);
        var module = assembly.MainModule;
        var type = new TypeDefinition("Fake", "Code", Mono.Cecil.TypeAttributes.Public | Mono.Cecil.TypeAttributes.Class, module.TypeSystem.Object);
        var method = new MethodDefinition("Run", Mono.Cecil.MethodAttributes.Public | Mono.Cecil.MethodAttributes.Static, module.TypeSystem.Void);
        body(method.Body.GetILProcessor(), module);
        method.Body.GetILProcessor().Emit(OpCodes.Ret);
        type.Methods.Add(method);
        module.Types.Add(type);
        using var source = new MemoryStream();
        assembly.Write(source);
        source.Position = 0;
        using var target = new MemoryStream();
        var weaving = new ClusterChat.Weaver.Weaving(HookTable.Load(), [AppContext.BaseDirectory]);
        weaving.Weave(source, target);
        target.Position = 0;
        using var woven = AssemblyDefinition.ReadAssembly(target);
        var calls = woven.MainModule.GetType("Fake.Code").Methods.Single().Body.Instructions
            .Select(i => i.Operand).OfType<MethodReference>().Select(HookTable.Key).ToList();
        return (weaving.Found, calls);
    }
}
