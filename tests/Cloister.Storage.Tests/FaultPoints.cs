using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using MethodBody = Mono.Cecil.Cil.MethodBody;

namespace Cloister.Storage.Tests;

/// <summary>Where the instrumented storage comes by: may throw there.</summary>
public static class FaultPoints
{
    private static int[] s_hits = [];
    private static int s_site = -1;
    private static int s_hit;

    /// <summary>How often each place was reached since <see cref="Count"/>.</summary>
    public static int[] Hits => s_hits;

    /// <summary>Whether the fault was thrown.</summary>
    public static bool WasThrown { get; private set; }

    /// <summary>Begins to count; nothing is thrown.</summary>
    public static void Count(int sites)
    {
        s_hits = new int[sites];
        s_site = -1;
    }

    /// <summary>The next time but so many that a place is reached, an exception is thrown there.</summary>
    public static void Arm(int site, int hit)
    {
        s_site = site;
        s_hit = hit;
        WasThrown = false;
    }

    /// <summary>Nothing is thrown any more.</summary>
    public static void Disarm() => s_site = -1;

    /// <summary>Called by the instrumented code.</summary>
    public static void Reach(int site)
    {
        if (site < s_hits.Length)
            s_hits[site]++;
        if (site != s_site || s_hit-- != 0)
            return;
        WasThrown = true;
        s_site = -1;
        throw (site & 1) == 0 ? new OutOfMemoryException("injected") : new IndexOutOfRangeException("injected");
    }
}

/// <summary>
/// Puts a call before every allocation, every access to an array or span, and every call of a device or collection of an assembly, but in
/// handlers of exceptions; and loads it with these tests beside the ordinary one.
/// </summary>
internal sealed class FaultInjector : AssemblyLoadContext
{
    // What runs when something has failed already.
    private static readonly HashSet<string> s_spared = ["Fail", "Report", ".cctor", "Dispose"];

    private readonly string _instrumented;

    public FaultInjector(string folder)
        : base("faults")
    {
        string original = typeof(Volumes.Volume).Assembly.Location;
        _instrumented = Path.Combine(folder, Path.GetFileName(original));
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(original);
        ModuleDefinition module = assembly.MainModule;
        MethodReference reach = module.ImportReference(typeof(FaultPoints).GetMethod(nameof(FaultPoints.Reach)));
        foreach (MethodDefinition method in module.GetAllTypes().SelectMany(type => type.Methods).Where(method => method.HasBody && !s_spared.Contains(method.Name)))
            Instrument(method, reach);
        assembly.Write(_instrumented);
    }

    /// <summary>What each place is.</summary>
    public List<string> Sites { get; } = [];

    /// <summary>Calls a method of these tests, all of whose code uses the instrumented assembly.</summary>
    public object? Run(Type type, string method, params object[] arguments)
    {
        Assembly tests = LoadFromAssemblyPath(type.Assembly.Location);
        return tests.GetType(type.FullName!)!.GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!.Invoke(null, arguments);
    }

    protected override Assembly? Load(AssemblyName assemblyName) =>
        assemblyName.Name == typeof(Volumes.Volume).Assembly.GetName().Name ? LoadFromAssemblyPath(_instrumented)
        : assemblyName.Name == typeof(FaultInjector).Assembly.GetName().Name ? LoadFromAssemblyPath(typeof(FaultInjector).Assembly.Location)
        : null;

    private void Instrument(MethodDefinition method, MethodReference reach)
    {
        MethodBody body = method.Body;
        var handlers = new HashSet<Instruction>();
        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            for (Instruction? at = handler.FilterStart ?? handler.HandlerStart; at is not null && at != handler.HandlerEnd; at = at.Next)
                handlers.Add(at);
        }

        List<Instruction> places = body.Instructions.Where(instruction => MayThrow(instruction) && !handlers.Contains(instruction)
            && instruction.Previous?.OpCode.OpCodeType != OpCodeType.Prefix).ToList();
        body.SimplifyMacros();
        ILProcessor processor = body.GetILProcessor();
        foreach (Instruction place in places)
        {
            processor.InsertBefore(place, processor.Create(OpCodes.Ldc_I4, Sites.Count));
            processor.InsertBefore(place, processor.Create(OpCodes.Call, reach));
            Sites.Add($"{method.DeclaringType.Name}.{method.Name}: {place.OpCode} {(place.Operand as MemberReference)?.Name}");
        }

        body.OptimizeMacros();
    }

    private static bool MayThrow(Instruction instruction)
    {
        Code code = instruction.OpCode.Code;
        if (code is Code.Newobj or Code.Newarr or Code.Box or Code.Localloc or Code.Ldelema or (>= Code.Ldelem_I1 and <= Code.Stelem_Ref) or Code.Ldelem_Any or Code.Stelem_Any)
            return code != Code.Newobj || instruction.Operand is MethodReference { DeclaringType.IsValueType: false };
        return code is Code.Call or Code.Callvirt && instruction.Operand is MethodReference { Name: "get_Item" or "set_Item" or "Slice" or "Add" or "AddRange" or "Push"
            or "Submit" or "Wait" or "Flush" or "Fill" or "CopyTo" or "Resize" or "AsSpan" };
    }
}
