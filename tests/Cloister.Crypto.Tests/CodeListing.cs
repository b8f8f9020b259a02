using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Cloister.Crypto.Tests;

/// <summary>The JIT's listing of one method: which of its conditional branches may depend on what the method is given.</summary>
/// <remarks>
/// A branch whose flags come from constants alone, and from the stack pointer, depends on nothing: such are the loops with which the JIT
/// clears a frame or touches its pages, of which there are more where registers are narrower. They are found by following constants
/// through registers along all paths. Every other branch counts, whatever it depends on; memory is never taken for constant.
/// </remarks>
internal sealed partial class CodeListing
{
    private readonly List<Line> _lines = [];
    private readonly Dictionary<string, int> _labels = [];

    /// <summary>Adds a line of the listing, without a comment.</summary>
    public void Add(string line)
    {
        Match label = LabelPattern().Match(line);
        if (label.Success)
        {
            _labels[label.Groups[1].Value] = _lines.Count;
            return;
        }

        Match match = InstructionPattern().Match(line);
        if (match.Success)
            _lines.Add(new Line(match.Groups[1].Value, match.Groups[2].Value.Trim()));
    }

    /// <summary>Divisions: their time depends on their operands.</summary>
    public int Divisions => _lines.FindAll(line => line.Name is "div" or "idiv").Count;

    /// <summary>Conditional branches that depend on anything but constants.</summary>
    public int Branches
    {
        get
        {
            int count = 0;
            State?[] before = Follow();
            for (int i = 0; i < _lines.Count; i++)
            {
                // Code that no path leads to is entered in ways that this doesn't know: a handler.
                if (_lines[i].IsConditional && (before[i] is not { } state || !state.HasConstantFlags))
                    count++;
            }

            return count;
        }
    }

    /// <summary>What is constant before each line, over all paths to it.</summary>
    private State?[] Follow()
    {
        var before = new State?[_lines.Count];
        var work = new Stack<int>();
        Reach(0, new State(["rsp", "rbp"], HasConstantFlags: false));
        foreach (int start in _labels.Values)
        {
            // Funclets and targets of switches: known of them is nothing.
            if (start < _lines.Count && !IsBranchedTo(start) && start > 0 && _lines[start - 1].EndsFlow)
                Reach(start, new State([], HasConstantFlags: false));
        }

        while (work.TryPop(out int at))
        {
            Line line = _lines[at];
            State after = line.Apply(before[at]!);
            if (line.IsJump && TargetOf(at) is { } target)
                Reach(target, after);
            if (!line.EndsFlow)
                Reach(at + 1, after);
        }

        return before;

        void Reach(int at, State state)
        {
            if (at >= _lines.Count)
                return;
            State joined = before[at] is { } known ? known.Join(state) : state;
            if (before[at] is { } old && old.Equals(joined))
                return;
            before[at] = joined;
            work.Push(at);
        }
    }

    private bool IsBranchedTo(int start)
    {
        for (int i = 0; i < _lines.Count; i++)
        {
            if (_lines[i].IsJump && TargetOf(i) == start)
                return true;
        }

        return false;
    }

    private int? TargetOf(int at)
    {
        string operand = _lines[at].Operands.Replace("SHORT", "", StringComparison.Ordinal).Trim();
        Match relative = RelativePattern().Match(operand);
        if (relative.Success)
            return at + 1 + int.Parse(relative.Groups[1].Value, CultureInfo.InvariantCulture);
        return _labels.TryGetValue(operand, out int target) ? target : null;
    }

    [GeneratedRegex(@"^(G_M\w+):")]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"^\s+([a-z]\w*)(?:\s+(.*?))?\s*(?:;.*)?$")]
    private static partial Regex InstructionPattern();

    [GeneratedRegex(@"^([-+]?\d+) instr$")]
    private static partial Regex RelativePattern();

    /// <summary>Registers that are constant. A later state of the same place has fewer of them.</summary>
    private sealed record State(HashSet<string> Constants, bool HasConstantFlags)
    {
        public State Join(State other)
        {
            var both = new HashSet<string>(Constants);
            both.IntersectWith(other.Constants);
            return new State(both, HasConstantFlags && other.HasConstantFlags);
        }

        public bool Equals(State? other) => other is not null && HasConstantFlags == other.HasConstantFlags && Constants.SetEquals(other.Constants);

        public override int GetHashCode() => Constants.Count;
    }

    private readonly partial record struct Line(string Name, string Operands)
    {
        public bool IsConditional => Name.Length > 1 && Name[0] == 'j' && Name != "jmp";

        public bool IsJump => IsConditional || Name == "jmp";

        /// <summary>Whether the next line isn't reached from here.</summary>
        public bool EndsFlow => Name is "jmp" or "ret" or "int3" or "ud2" || (Name == "tail" && Operands.StartsWith("jmp", StringComparison.Ordinal));

        public State Apply(State state)
        {
            if (IsJump || Name is "nop" or "align")
                return state;
            if (Name == "call")
            {
                // What calls keep are the callee-saved registers.
                var kept = new HashSet<string>(state.Constants);
                kept.ExceptWith(["rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"]);
                return new State(kept, HasConstantFlags: false);
            }

            string[] operands = OperandPattern().Split(Operands);
            string target = Canonical(operands[0]);
            bool isConstant = AreConstant(state, operands[IsOverwrite(operands) ? 1.. : ..]) || IsClearing(operands);
            bool writesTarget = Name is not ("cmp" or "test" or "push" or "bt");
            var constants = state.Constants;
            if (writesTarget && target.Length > 0 && constants.Contains(target) != isConstant)
            {
                constants = [.. constants];
                if (isConstant)
                    constants.Add(target);
                else
                    constants.Remove(target);
            }

            // Instructions that write registers they don't name.
            if (Name is "mul" or "mulx" or "div" or "idiv" or "cdq" or "cqo" or "cpuid" or "rdtsc" or "xgetbv"
                    or "cmpxchg" or "pop" or "rep" or "xchg" or "xadd"
                || (Name == "imul" && operands.Length == 1))
            {
                constants = [.. constants];
                constants.ExceptWith(["rax", "rdx", "rcx", "rdi", "rsi", .. Array.ConvertAll(operands, Canonical)]);
            }

            bool setsConstantFlags = isConstant && ComparesGeneral(operands) && (!ReadsFlags || state.HasConstantFlags);
            return new State(constants, KeepsFlags ? state.HasConstantFlags : setsConstantFlags);
        }

        private bool KeepsFlags => Name.StartsWith("mov", StringComparison.Ordinal) || Name.StartsWith("set", StringComparison.Ordinal)
            || Name.StartsWith("cmov", StringComparison.Ordinal)
            || (Name[0] == 'v' && Name is not ("vptest" or "vtestps" or "vtestpd" or "vucomiss" or "vucomisd" or "vcomiss" or "vcomisd"))
            || Name is "lea" or "push" or "pop" or "bswap" or "not" or "rorx" or "shlx" or "shrx" or "sarx" or "mulx" or "pdep" or "pext";

        private bool ReadsFlags => Name is "adc" or "sbb" or "adcx" or "adox" or "rcl" or "rcr";

        private bool IsOverwrite(string[] operands) =>
            operands.Length > 1 && (Name.StartsWith("mov", StringComparison.Ordinal) || Name is "lea" || operands.Length == 3);

        private bool IsClearing(string[] operands) => Name is "xor" or "sub" && operands.Length == 2 && operands[0] == operands[1];

        /// <summary>Flags of vector compares are never taken for constant.</summary>
        private static bool ComparesGeneral(string[] operands) => !Array.Exists(operands, operand => VectorPattern().IsMatch(operand));

        private bool AreConstant(State state, string[] operands)
        {
            foreach (string operand in operands)
            {
                string name = Canonical(operand);
                bool isConstant = name.Length > 0 ? state.Constants.Contains(name)
                    : operand.Contains('[', StringComparison.Ordinal) ? Name == "lea" && IsConstantAddress(state, operand)
                    : ImmediatePattern().IsMatch(operand.Trim());
                if (!isConstant)
                    return false;
            }

            return !Name.StartsWith("set", StringComparison.Ordinal) && !Name.StartsWith("cmov", StringComparison.Ordinal) || state.HasConstantFlags;
        }

        private static bool IsConstantAddress(State state, string operand)
        {
            foreach (Match register in RegisterPattern().Matches(operand))
            {
                if (!state.Constants.Contains(Canonical(register.Value)))
                    return false;
            }

            return true;
        }

        /// <summary>A register by the name of all of it; nothing for what is no general register.</summary>
        private static string Canonical(string operand)
        {
            operand = operand.Trim();
            return operand switch
            {
                "al" or "ah" or "ax" or "eax" => "rax",
                "bl" or "bh" or "bx" or "ebx" => "rbx",
                "cl" or "ch" or "cx" or "ecx" => "rcx",
                "dl" or "dh" or "dx" or "edx" => "rdx",
                "sil" or "si" or "esi" => "rsi",
                "dil" or "di" or "edi" => "rdi",
                "bpl" or "bp" or "ebp" => "rbp",
                "spl" or "sp" or "esp" => "rsp",
                _ => RegisterPattern().Match(operand) is { Success: true } match && match.Length == operand.Length
                    ? "r" + match.Value[1..].TrimEnd('d', 'w', 'b')
                    : "",
            };
        }

        [GeneratedRegex(@",\s*(?![^\[]*\])")]
        private static partial Regex OperandPattern();

        [GeneratedRegex(@"\b(?:r(?:[abcd]x|[sd]i|[bs]p|\d+[dwb]?)|e(?:[abcd]x|[sd]i|[bs]p))\b")]
        private static partial Regex RegisterPattern();

        [GeneratedRegex(@"\b(?:[xyz]mm\d+|k[0-7])\b")]
        private static partial Regex VectorPattern();

        [GeneratedRegex(@"^-?(?:0x[0-9A-Fa-f]+|\d+)$")]
        private static partial Regex ImmediatePattern();
    }
}
