using System;
using System.Collections.Generic;
using System.Reflection.Metadata;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>What a method names that isn't there, for error messages.</summary>
internal sealed partial class MethodImporter
{
    /// <summary>The messages for every member and type in the method's IL that can't be found.</summary>
    public List<string> FindMissing()
    {
        var missing = new List<string>();
        for (_position = 0; _position < _il.Length;)
        {
            ILOpCode code = ReadCode();
            int next = _position + OperandSize(code);
            try
            {
                if (code is ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj or ILOpCode.Ldftn or ILOpCode.Ldvirtftn or ILOpCode.Ldfld or
                    ILOpCode.Ldflda or ILOpCode.Stfld or ILOpCode.Ldsfld or ILOpCode.Ldsflda or ILOpCode.Stsfld)
                {
                    // What it calls may lack more.
                    if (ReadMember() is MethodDesc { IsAbstract: false, IsRuntime: false, Record.Module.IsCore: false } called &&
                        code is ILOpCode.Call or ILOpCode.Newobj)
                        _compilation.Reach(called);
                }
                else if (code is ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Box or ILOpCode.Unbox or ILOpCode.Unbox_any or
                    ILOpCode.Newarr or ILOpCode.Initobj or ILOpCode.Constrained or ILOpCode.Ldobj or ILOpCode.Stobj or ILOpCode.Sizeof)
                    ReadType();
                else if (code == ILOpCode.Switch)
                    next = _position + 4 + 4 * ReadInt32();
            }
            catch (BadImageFormatException)
            {
                return missing;
            }
            catch (CompileException exception)
            {
                missing.Add(exception.Message);
            }

            _position = next;
        }

        return missing;
    }
}
