using System.Runtime.InteropServices;

namespace EdgeCoder.Launcher.Calls;

/// <summary>
/// The system calls of the child, written down before there is one: a copy of a process with several threads may do nothing but system calls
/// (signal-safety(7)), so no string, no collection and no exception may be needed after clone.
/// </summary>
internal sealed unsafe class CallList
{
    private readonly List<CallStep> steps = [];
    private readonly List<string> purposes = [];

    /// <summary>Says what the calls from here on are for, as the words after "the launcher could not".</summary>
    public void For(string purpose) => purposes.Add(purpose);

    /// <summary>A call that must succeed.</summary>
    public void Add(string name, params ReadOnlySpan<CallArgument> arguments) => Add(Kernel.Number(name), 0, null, arguments);

    /// <summary>A call whose result must be this much, as that of a write of so many bytes.</summary>
    public void AddWhole(string name, long least, params ReadOnlySpan<CallArgument> arguments) => Add(Kernel.Number(name), least, null, arguments);

    /// <summary>A call that may fail.</summary>
    public void Try(string name, params ReadOnlySpan<CallArgument> arguments) => Add(Kernel.Number(name), long.MinValue, null, arguments);

    /// <summary>A call whose result later ones use.</summary>
    public CallArgument Keep(string name, params ReadOnlySpan<CallArgument> arguments)
    {
        var place = (long*)Memory.Zeroed(sizeof(long));
        Add(Kernel.Number(name), 0, place, arguments);
        return CallArgument.At(place);
    }

    /// <summary>A call whose result later ones use; where what it looks for is not there, the next calls are passed over.</summary>
    public CallArgument KeepOrSkip(string name, int skipped, params ReadOnlySpan<CallArgument> arguments)
    {
        var kept = Keep(name, arguments);
        steps[^1] = steps[^1] with { SkipOnMissing = skipped };
        return kept;
    }

    /// <summary>A call that may fail; where it does not, the next calls are passed over.</summary>
    public void TryElse(string name, int skipped, params ReadOnlySpan<CallArgument> arguments)
    {
        Try(name, arguments);
        steps[^1] = steps[^1] with { SkipOnSuccess = skipped };
    }

    /// <summary>Puts a kept result into memory, as 32 bits.</summary>
    public void Store(CallArgument kept, byte* place) => Add(CallStep.Copy, long.MinValue, null, [kept.Value, place]);

    /// <summary>The list for <see cref="CallRunner"/>.</summary>
    public CallStep* Build(out int count)
    {
        count = steps.Count;
        return (CallStep*)Memory.Bytes(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(steps)));
    }

    /// <summary>What the step that failed was for.</summary>
    public string Purpose(int number) => number >= 0 && number < purposes.Count ? purposes[number] : "say what failed";

    private void Add(long number, long least, long* result, ReadOnlySpan<CallArgument> arguments)
    {
        var step = new CallStep { Number = number, Least = least, Result = result, Purpose = purposes.Count - 1 };
        for (var i = 0; i < arguments.Length; i++)
        {
            step.Arguments[i] = arguments[i].Value;
            step.Indirect |= arguments[i].Indirect ? 1 << i : 0;
        }

        steps.Add(step);
    }
}
