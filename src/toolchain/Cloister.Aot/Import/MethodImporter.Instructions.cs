using System;
using System.Buffers.Binary;
using System.Globalization;
using System.Reflection.Metadata;
using System.Text;
using Cloister.Aot.Emission;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>One instruction at a time.</summary>
internal sealed partial class MethodImporter
{
    /// <summary>Imports an instruction; says whether control goes on to the next one.</summary>
    private bool ImportInstruction(ILOpCode code)
    {
        switch (code)
        {
            case ILOpCode.Nop or ILOpCode.Break or ILOpCode.Tail: break;
            case ILOpCode.Readonly: _isReadonly = true; break;
            case ILOpCode.Volatile: _isVolatile = true; break;
            case ILOpCode.Unaligned: _position++; _isUnaligned = true; break;
            case ILOpCode.Constrained: _constraint = ReadType(); break;

            case ILOpCode.Ldarg_0 or ILOpCode.Ldarg_1 or ILOpCode.Ldarg_2 or ILOpCode.Ldarg_3: LoadArgument(code - ILOpCode.Ldarg_0); break;
            case ILOpCode.Ldarg_s or ILOpCode.Ldarg: LoadArgument(ReadIndex(code == ILOpCode.Ldarg_s)); break;
            case ILOpCode.Starg_s or ILOpCode.Starg:
            {
                int index = ReadIndex(code == ILOpCode.Starg_s);
                StackEntry value = Pop();
                Follow(value, _parameters[index], new DelegatePlace(_method, DelegatePlaceKind.Parameter, index));
                _out.Append($"  {Argument(index)} = {As(value, _parameters[index])};\n");
                break;
            }

            case ILOpCode.Ldarga_s or ILOpCode.Ldarga: Push($"(char*)&{Argument(ReadIndex(code == ILOpCode.Ldarga_s))}", new StackType(StackKind.Pointer)); break;
            case ILOpCode.Ldloc_0 or ILOpCode.Ldloc_1 or ILOpCode.Ldloc_2 or ILOpCode.Ldloc_3: LoadLocal(code - ILOpCode.Ldloc_0); break;
            case ILOpCode.Ldloc_s or ILOpCode.Ldloc: LoadLocal(ReadIndex(code == ILOpCode.Ldloc_s)); break;
            case ILOpCode.Stloc_0 or ILOpCode.Stloc_1 or ILOpCode.Stloc_2 or ILOpCode.Stloc_3: StoreLocal(code - ILOpCode.Stloc_0); break;
            case ILOpCode.Stloc_s or ILOpCode.Stloc: StoreLocal(ReadIndex(code == ILOpCode.Stloc_s)); break;
            case ILOpCode.Ldloca_s or ILOpCode.Ldloca: Push($"(char*)&{Local(ReadIndex(code == ILOpCode.Ldloca_s))}", new StackType(StackKind.Pointer)); break;

            case ILOpCode.Ldnull: _stack.Add(new StackEntry("((void*)0)", new StackType(StackKind.Object))); break;
            case >= ILOpCode.Ldc_i4_m1 and <= ILOpCode.Ldc_i4_8: PushConstant((int)code - (int)ILOpCode.Ldc_i4_0, StackKind.Int32); break;
            case ILOpCode.Ldc_i4_s: PushConstant((sbyte)Take(1)[0], StackKind.Int32); break;
            case ILOpCode.Ldc_i4: PushConstant(ReadInt32(), StackKind.Int32); break;
            case ILOpCode.Ldc_i8:
                PushConstant(BinaryPrimitives.ReadInt64LittleEndian(Take(8)), StackKind.Int64);
                break;
            case ILOpCode.Ldc_r4:
                _stack.Add(new StackEntry($"cl_single({BinaryPrimitives.ReadUInt32LittleEndian(Take(4))}u)", new StackType(StackKind.Single)));
                break;
            case ILOpCode.Ldc_r8:
                _stack.Add(new StackEntry($"cl_double({BinaryPrimitives.ReadUInt64LittleEndian(Take(8))}ull)", new StackType(StackKind.Double)));
                break;
            case ILOpCode.Ldstr: LoadString(_module.Text(ReadInt32())); break;

            case ILOpCode.Dup: _stack.Add(Top()); break;
            case ILOpCode.Pop: Pop(); break;

            case ILOpCode.Call or ILOpCode.Callvirt:
                Call(ReadMember(), code == ILOpCode.Callvirt);
                if (!EndsHere())
                    break;
                return false;
            case ILOpCode.Calli: CallIndirect(); break;
            case ILOpCode.Newobj:
                NewObject(ReadMember());
                if (!EndsHere())
                    break;
                return false;

            case ILOpCode.Ldftn: LoadFunction((MethodDesc)ReadMember()); break;
            case ILOpCode.Ldvirtftn: LoadVirtualFunction((MethodDesc)ReadMember()); break;
            case ILOpCode.Ret: Return(); return false;

            case ILOpCode.Br_s or ILOpCode.Br: Jump(BranchTarget(code)); return false;
            case ILOpCode.Leave_s or ILOpCode.Leave: Leave(BranchTarget(code)); return false;
            case ILOpCode.Brtrue_s or ILOpCode.Brtrue: return BranchIf(BranchTarget(code), Pop(), wanted: true);
            case ILOpCode.Brfalse_s or ILOpCode.Brfalse: return BranchIf(BranchTarget(code), Pop(), wanted: false);
            case >= ILOpCode.Beq_s and <= ILOpCode.Blt_un_s or >= ILOpCode.Beq and <= ILOpCode.Blt_un:
            {
                int target = BranchTarget(code);
                StackEntry right = Pop();
                StackEntry left = Pop();
                var condition = new StackEntry(Comparison(code, left, right, out long? constant), new StackType(StackKind.Int32));
                return BranchIf(target, condition with { Constant = constant }, wanted: true);
            }

            case ILOpCode.Switch: Switch(); return false;
            case ILOpCode.Throw: Throw(); return false;
            case ILOpCode.Rethrow: Rethrow(); return false;
            case ILOpCode.Endfinally: EndFinally(); return false;
            case ILOpCode.Endfilter: EndFilter(); return false;

            case ILOpCode.Ceq or ILOpCode.Cgt or ILOpCode.Cgt_un or ILOpCode.Clt or ILOpCode.Clt_un:
            {
                StackEntry right = Pop();
                StackEntry left = Pop();
                string text = Comparison(code, left, right, out long? constant);
                if (constant is { } known)
                    PushConstant(known, StackKind.Int32);
                else
                    Push(text, new StackType(StackKind.Int32));
                break;
            }

            case >= ILOpCode.Add and <= ILOpCode.Xor or >= ILOpCode.Add_ovf and <= ILOpCode.Sub_ovf_un: Binary(code); break;
            case ILOpCode.Shl or ILOpCode.Shr or ILOpCode.Shr_un: Shift(code); break;
            case ILOpCode.Neg or ILOpCode.Not: Unary(code); break;
            case ILOpCode.Ckfinite: throw new CompileException($"{_method}: ckfinite is not supported.");
            case >= ILOpCode.Ldind_i1 and <= ILOpCode.Ldind_ref: LoadIndirect(IndirectType(code)); break;
            case >= ILOpCode.Stind_ref and <= ILOpCode.Stind_r8 or ILOpCode.Stind_i: StoreIndirect(IndirectType(code)); break;
            case ILOpCode.Ldobj: LoadIndirect(ReadType()); break;
            case ILOpCode.Stobj: StoreIndirect(ReadType()); break;
            case ILOpCode.Cpobj: CopyObject(ReadType()); break;
            case ILOpCode.Initobj: InitializeObject(ReadType()); break;
            case ILOpCode.Cpblk: BlockOperation("memmove"); break;
            case ILOpCode.Initblk: BlockOperation("memset"); break;
            case ILOpCode.Localloc: LocalAllocate(); break;
            case ILOpCode.Sizeof: PushConstant(_compilation.VariableShape(ReadType()).Size, StackKind.Int32); break;

            case ILOpCode.Ldfld: LoadField((FieldDesc)ReadMember()); break;
            case ILOpCode.Ldflda: LoadFieldAddress((FieldDesc)ReadMember()); break;
            case ILOpCode.Stfld: StoreField((FieldDesc)ReadMember()); break;
            case ILOpCode.Ldsfld: LoadStatic((FieldDesc)ReadMember()); break;
            case ILOpCode.Ldsflda: LoadStaticAddress((FieldDesc)ReadMember()); break;
            case ILOpCode.Stsfld: StoreStatic((FieldDesc)ReadMember()); break;

            case ILOpCode.Newarr: NewArray(ReadType()); break;
            case ILOpCode.Ldlen: LoadLength(); break;
            case ILOpCode.Ldelema: LoadElementAddress(ReadType()); break;
            case ILOpCode.Ldelem: LoadElement(ReadType()); break;
            case ILOpCode.Stelem: StoreElement(ReadType()); break;
            case >= ILOpCode.Ldelem_i1 and <= ILOpCode.Ldelem_ref: LoadElement(ElementType(code)); break;
            case >= ILOpCode.Stelem_i and <= ILOpCode.Stelem_ref: StoreElement(ElementType(code)); break;

            case ILOpCode.Castclass: CastClass(ReadType()); break;
            case ILOpCode.Isinst: IsInstance(ReadType()); break;
            case ILOpCode.Box: Box(ReadType()); break;
            case ILOpCode.Unbox: Unbox(ReadType()); break;
            case ILOpCode.Unbox_any: UnboxAny(ReadType()); break;
            case ILOpCode.Ldtoken: LoadToken(); break;

            default:
                if (IsConversion(code))
                {
                    Convert(code);
                    break;
                }

                throw new CompileException($"{_method}: the instruction {code} is not supported.");
        }

        return true;
    }

    private void LoadArgument(int index)
    {
        if (index == 0 && !_method.IsStatic && !_thisIsStored)
            _stack.Add(new StackEntry(Argument(0), StackType.Of(_parameters[0])) { IsNotNull = true });
        else
            Push(Argument(index), _parameters[index]);
        ComesFrom(_parameters[index], new DelegatePlace(_method, DelegatePlaceKind.Parameter, index));
    }

    private void LoadLocal(int index)
    {
        Push(Local(index), _locals[index]);
        ComesFrom(_locals[index], new DelegatePlace(_method, DelegatePlaceKind.Local, index));
    }

    private void StoreLocal(int index)
    {
        StackEntry value = Pop();
        Follow(value, _locals[index], new DelegatePlace(_method, DelegatePlaceKind.Local, index));
        _out.Append($"  {Local(index)} = {As(value, _locals[index])};\n");
    }

    private void LoadString(string text) =>
        _stack.Add(new StackEntry($"((void*)&{_compilation.Literal(text)})", new StackType(StackKind.Object)) { IsNotNull = true });

    private void Return()
    {
        if (_method.Signature.Return.Primitive == Primitive.Void)
            _out.Append("  return;\n");
        else
        {
            Follow(Top(), _method.Signature.Return, new DelegatePlace(_method, DelegatePlaceKind.Result));
            _out.Append($"  return {As(Pop(), _method.Signature.Return)};\n");
        }
    }

    // A branch on a constant keeps what isn't reached out of the program: code for vectors where there are none, for example.
    private bool BranchIf(int target, StackEntry condition, bool wanted)
    {
        if (condition.Constant is { } constant)
        {
            if (constant != 0 != wanted)
                return true;
            Jump(target);
            return false;
        }

        if (condition.Kind is not (StackKind.Int32 or StackKind.Int64 or StackKind.NativeInt or StackKind.Object or StackKind.Pointer))
            throw new CompileException($"{_method}: a branch on a value of kind {condition.Kind}.");
        _out.Append($"  if ({(wanted ? "" : "!")}({condition.Text})) {{\n").Append(JumpText(target)).Append("  }\n");
        return true;
    }

    private void Switch()
    {
        StackEntry value = Pop();
        int count = ReadInt32();
        int origin = _position + 4 * count;
        var text = new StringBuilder($"  switch ((uint32_t){value.Text}) {{\n");
        for (int i = 0; i < count; i++)
            text.Append(CultureInfo.InvariantCulture, $"  case {i}: {JumpText(origin + ReadInt32())}");
        _out.Append(text).Append("  default:").Append(JumpText(origin)).Append("  }\n");
    }

    private void LoadToken()
    {
        EntityHandle handle = ReadToken();
        object token = handle.Kind is HandleKind.TypeDefinition or HandleKind.TypeReference or HandleKind.TypeSpecification
            ? Close(_module.ResolveType(handle)) : _module.ResolveMember(handle);
        switch (token)
        {
            case TypeDesc { IsOpen: true } open:
                throw new CompileException($"{_method} uses typeof({open}), a type without its arguments: there is no reflection.");
            case TypeDesc type:
                PushHandle("System.RuntimeTypeHandle", _compilation.Descriptor(type));
                _stack[^1] = _stack[^1] with { Token = type };
                break;
            case FieldDesc { HasData: true } field:
                PushHandle("System.RuntimeFieldHandle", _compilation.Static(field) + "_data");
                break;
            default:
                throw new CompileException($"{_method} uses the token of {token}: there is no reflection.");
        }
    }

    private void PushHandle(string type, string name)
    {
        StackType handle = StackType.Of(Universe.CoreType(type));
        Push($"({CName(handle)}){{ (char*)&{name} }}", handle);
    }
}
