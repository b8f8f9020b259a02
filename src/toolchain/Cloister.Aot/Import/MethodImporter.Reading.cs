using System;
using System.Buffers.Binary;
using System.Linq;
using System.Reflection.Metadata;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>Reads IL (ECMA-335, III.1.2). Nothing is taken for granted: an assembly may be damaged.</summary>
internal sealed partial class MethodImporter
{
    private CompileException Damaged(string what) => new($"{_method} is damaged: {what} at IL offset {_offset:x}.");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _il.Length - _position)
            throw Damaged("the IL ends inside of an instruction");
        _position += count;
        return _il.AsSpan(_position - count, count);
    }

    // A byte further on; zero, which is nop, behind the end.
    private byte Peek(int distance) => _position + distance < _il.Length ? _il[_position + distance] : (byte)0;

    private ILOpCode ReadCode()
    {
        int code = Take(1)[0];
        return code == 0xfe ? (ILOpCode)(0xfe00 | Take(1)[0]) : (ILOpCode)code;
    }

    private int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    private int ReadIndex(bool isShort) => isShort ? Take(1)[0] : BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    private int BranchTarget(ILOpCode code)
    {
        int distance = code.GetBranchOperandSize() == 1 ? (sbyte)Take(1)[0] : ReadInt32();
        return _position + distance;
    }

    private EntityHandle ReadToken() => _module.Entity(ReadInt32());

    private TypeDesc ReadType() => Close(_module.ResolveType(ReadToken()));

    private object ReadMember() => _module.ResolveMember(ReadToken()) switch
    {
        MethodDesc method => method.Substitute(_method.Owner.Arguments, _method.Arguments),
        FieldDesc field => ((DefinedType)Close(field.Owner)).Fields[field.Record.Index],
        ArrayMethod method => method with { Array = (ArrayType)Close(method.Array) },
        var other => other,
    };

    private static int OperandSize(ILOpCode code) => code switch
    {
        ILOpCode.Switch => 0,
        ILOpCode.Ldc_i8 or ILOpCode.Ldc_r8 => 8,
        ILOpCode.Ldc_i4 or ILOpCode.Ldc_r4 or ILOpCode.Jmp or ILOpCode.Call or ILOpCode.Calli or ILOpCode.Callvirt or ILOpCode.Cpobj or
            ILOpCode.Ldobj or ILOpCode.Ldstr or ILOpCode.Newobj or ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Unbox or ILOpCode.Ldfld or
            ILOpCode.Ldflda or ILOpCode.Stfld or ILOpCode.Ldsfld or ILOpCode.Ldsflda or ILOpCode.Stsfld or ILOpCode.Stobj or ILOpCode.Box or
            ILOpCode.Newarr or ILOpCode.Ldelema or ILOpCode.Ldelem or ILOpCode.Stelem or ILOpCode.Unbox_any or ILOpCode.Refanyval or
            ILOpCode.Mkrefany or ILOpCode.Ldtoken or ILOpCode.Ldftn or ILOpCode.Ldvirtftn or ILOpCode.Initobj or ILOpCode.Constrained or
            ILOpCode.Sizeof => 4,
        ILOpCode.Ldarg or ILOpCode.Ldarga or ILOpCode.Starg or ILOpCode.Ldloc or ILOpCode.Ldloca or ILOpCode.Stloc => 2,
        ILOpCode.Ldarg_s or ILOpCode.Ldarga_s or ILOpCode.Starg_s or ILOpCode.Ldloc_s or ILOpCode.Ldloca_s or ILOpCode.Stloc_s or
            ILOpCode.Ldc_i4_s or ILOpCode.Unaligned => 1,
        _ => code.IsBranch() ? code.GetBranchOperandSize() : 0,
    };

    /// <summary>The variable of an instruction that has one: its number among the parameters, or among the locals.</summary>
    private (int? Argument, int? Local) Variable(ILOpCode code) => code switch
    {
        >= ILOpCode.Ldarg_0 and <= ILOpCode.Ldarg_3 => (code - ILOpCode.Ldarg_0, null),
        >= ILOpCode.Ldloc_0 and <= ILOpCode.Ldloc_3 => (null, code - ILOpCode.Ldloc_0),
        >= ILOpCode.Stloc_0 and <= ILOpCode.Stloc_3 => (null, code - ILOpCode.Stloc_0),
        ILOpCode.Ldarg_s or ILOpCode.Ldarga_s or ILOpCode.Starg_s => (ReadIndex(isShort: true), null),
        ILOpCode.Ldarg or ILOpCode.Ldarga or ILOpCode.Starg => (ReadIndex(isShort: false), null),
        ILOpCode.Ldloc_s or ILOpCode.Ldloca_s or ILOpCode.Stloc_s => (null, ReadIndex(isShort: true)),
        ILOpCode.Ldloc or ILOpCode.Ldloca or ILOpCode.Stloc => (null, ReadIndex(isShort: false)),
        _ => (null, null),
    };

    // Before anything is imported: where basic blocks begin, which variables filters use, and that the instructions are whole.
    private void FindLeaders()
    {
        foreach (ExceptionRegion region in _regions)
        {
            _leaders.UnionWith([region.TryOffset, region.TryOffset + region.TryLength]);
            _leaders.UnionWith([region.HandlerOffset, region.HandlerOffset + region.HandlerLength]);
            _borders.UnionWith([region.TryOffset, region.HandlerOffset]);
            _hasClauses |= IsClause(region);
            if (region.Kind == ExceptionRegionKind.Filter)
                _leaders.Add(region.FilterOffset);
        }

        var starts = new System.Collections.Generic.HashSet<int> { _il.Length };
        for (_position = 0; _position < _il.Length;)
        {
            _offset = _position;
            starts.Add(_offset);
            ILOpCode code = ReadCode();
            int operand = _position;
            CheckVariable(code);
            _position = operand;
            if (code == ILOpCode.Switch)
            {
                int count = ReadInt32();
                if (count < 0 || count > (_il.Length - _position) / 4)
                    throw Damaged("a switch is longer than the method");
                int origin = _position + 4 * count;
                for (int i = 0; i < count; i++)
                    _leaders.Add(origin + ReadInt32());
                _leaders.Add(origin);
            }
            else if (code.IsBranch())
            {
                int target = BranchTarget(code);
                _leaders.UnionWith([target, _position]);
                if (code is ILOpCode.Leave or ILOpCode.Leave_s)
                    _borders.Add(target);
            }
            else
            {
                Take(OperandSize(code));
                if (code is ILOpCode.Ret or ILOpCode.Throw or ILOpCode.Rethrow or ILOpCode.Endfinally or ILOpCode.Endfilter)
                    _leaders.Add(_position);
            }
        }

        if (_leaders.FirstOrDefault(leader => !starts.Contains(leader), -1) is var wrong and not -1)
            throw Damaged($"no instruction begins at {wrong:x}, which is named");
    }

    private void CheckVariable(ILOpCode code)
    {
        (int? argument, int? local) = Variable(code);
        if (argument >= _parameters.Length || local >= _locals.Length)
            throw Damaged("there is no such variable");
        _thisIsStored |= argument == 0 && code is ILOpCode.Starg_s or ILOpCode.Starg or ILOpCode.Ldarga_s or ILOpCode.Ldarga;
        if (IsMonitor || !Enumerable.Range(0, _regions.Length).Any(region => IsInFilter(region, _offset)))
            return;
        if (argument is { } sharedArgument)
            _sharedArguments.Add(sharedArgument);
        if (local is { } sharedLocal)
            _sharedLocals.Add(sharedLocal);
    }
}
