using System.Text;
using Wasmtime;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>One instance of QuickJS with its own store and memory. Not safe for several threads. Addresses of values are those of the module's heap.</summary>
internal sealed class QuickJsInstance : IDisposable
{
    // JSRuntime.host_promise_rejection_tracker (quickjs-ng 0.11, 32-bit): the package has no function that sets it. WasmEngine tries it before it is used.
    private const int RejectionTrackerOffset = 180;

    private readonly Func<int, int> malloc;
    private readonly Action<int> free;
    private readonly Action<int, int> freeString;
    private readonly Action<int, int> freeValue;
    private readonly Func<int, int, int> getString;
    private readonly Func<int, int, int> resolveException;
    private readonly Func<int, int, int, int, int, int> call;
    private readonly Func<int, int, int> argument;
    private readonly Func<int, int, int, int, int, int, int> evaluate;
    private readonly Func<int, int, int, int> executeJobs;
    private readonly Func<int, int, int> newString;
    private readonly Func<int, double, int> newNumber;
    private readonly Func<int, int, double> getNumber;
    private readonly Func<int> getUndefined;
    private readonly Action<int, int> limitMemory;
    private readonly Instance instance;
    private readonly Table table;
    private int scriptBytes = WasmLimits.ScriptBytes;

    /// <summary>Makes one, empty or from a snapshot.</summary>
    public QuickJsInstance(Engine engine, Module module, MemorySnapshot? snapshot)
    {
        Store = new Store(engine) { Fuel = ulong.MaxValue };
        Store.SetEpochDeadline(1);
        Store.SetEpochDeadlineCallback(_ => Tick());
        Memory = new Memory(Store, WasmLimits.FirstPages, WasmLimits.MemoryBytes / WasmLimits.PageBytes);
        var imports = ModuleImports.Create(Store, Memory, (count, arguments, function) => HostCall(function, count, arguments)).ToDictionary(import => QuickJsNames.Imports[import.Key], import => import.Value, StringComparer.Ordinal);
        instance = new Instance(Store, module, [.. module.Imports.Select(import => imports[import.Name])]);
        table = instance.GetTable(QuickJsNames.Table) ?? throw new InvalidOperationException("The module has no table.");
        malloc = instance.GetFunction<int, int>(QuickJsNames.Exports["malloc"])!;
        free = instance.GetAction<int>(QuickJsNames.Exports["free"])!;
        freeString = instance.GetAction<int, int>(QuickJsNames.Exports["QTS_FreeCString"])!;
        freeValue = instance.GetAction<int, int>(QuickJsNames.Exports["QTS_FreeValuePointer"])!;
        getString = instance.GetFunction<int, int, int>(QuickJsNames.Exports["QTS_GetString"])!;
        resolveException = instance.GetFunction<int, int, int>(QuickJsNames.Exports["QTS_ResolveException"])!;
        call = instance.GetFunction<int, int, int, int, int, int>(QuickJsNames.Exports["QTS_Call"])!;
        argument = instance.GetFunction<int, int, int>(QuickJsNames.Exports["QTS_ArgvGetJSValueConstPointer"])!;
        evaluate = instance.GetFunction<int, int, int, int, int, int, int>(QuickJsNames.Exports["QTS_Eval"])!;
        executeJobs = instance.GetFunction<int, int, int, int>(QuickJsNames.Exports["QTS_ExecutePendingJob"])!;
        newString = instance.GetFunction<int, int, int>(QuickJsNames.Exports["QTS_NewString"])!;
        newNumber = instance.GetFunction<int, double, int>(QuickJsNames.Exports["QTS_NewFloat64"])!;
        getNumber = instance.GetFunction<int, int, double>(QuickJsNames.Exports["QTS_GetFloat64"])!;
        getUndefined = instance.GetFunction<int>(QuickJsNames.Exports["QTS_GetUndefined"])!;
        limitMemory = instance.GetAction<int, int>(QuickJsNames.Exports["QTS_RuntimeSetMemoryLimit"])!;
        Rejections = new RejectedPromises(this);
        TrackerIndex = checked((int)table.Grow(1, Function.FromCallback(Store, (int _, long promise, long reason, int handled, int _) => Rejections.Changed(promise, reason, handled != 0))));
        snapshot?.Restore(Memory);
    }

    /// <summary>The store.</summary>
    public Store Store { get; }

    /// <summary>The linear memory.</summary>
    public Memory Memory { get; }

    /// <summary>Where the runtime and the context are.</summary>
    public QuickJsAddresses Addresses { get; private set; } = new(0, 0, 0, 0);

    /// <summary>What the runner's host functions do: number of the function, count and address of the arguments; gives the address of a value, or 0 for undefined.</summary>
    public Func<int, int, int, int> HostCall { get; set; } = (_, _, _) => 0;

    /// <summary>What happens when somebody may want the program to end; gives after how many further times to ask again, or throws.</summary>
    public Func<ulong> Tick { get; set; } = () => 1;

    /// <summary>Promises that were rejected while nobody handled them.</summary>
    public RejectedPromises Rejections { get; }

    private int TrackerIndex { get; }

    /// <summary>Makes the runtime and the context in an empty instance.</summary>
    public void Initialize()
    {
        instance.GetAction(QuickJsNames.Constructors)!();
        var runtime = instance.GetFunction<int>(QuickJsNames.Exports["QTS_NewRuntime"])!();
        LimitObjects(runtime, WasmLimits.ScriptBytes);
        instance.GetAction<int, int>(QuickJsNames.Exports["QTS_RuntimeSetMaxStackSize"])!(runtime, WasmLimits.ScriptStackBytes);
        var context = instance.GetFunction<int, int, int>(QuickJsNames.Exports["QTS_NewContext"])!(runtime, 0);
        Addresses = new QuickJsAddresses(runtime, context, malloc(64), 0);
        Memory.WriteInt32(runtime + RejectionTrackerOffset, TrackerIndex);
    }

    /// <summary>Whether the program has used up its memory at some time. Gives the runner a little more, so that it can say so.</summary>
    public bool WasExhausted()
    {
        LimitObjects(Addresses.Runtime, scriptBytes + WasmLimits.ReportBytes);
        return Memory.GetLength() >= scriptBytes;
    }

    /// <summary>Sets a smaller memory limit than the largest one.</summary>
    public void Limit(long memoryBytes)
    {
        scriptBytes = WasmLimits.ScriptBytes - (int)Math.Max(0, WasmLimits.MemoryBytes - memoryBytes);
        LimitObjects(Addresses.Runtime, scriptBytes);
    }

    /// <summary>Takes over the addresses that a snapshot was made with.</summary>
    public void Resume(QuickJsAddresses addresses) => Addresses = addresses;

    /// <summary>Evaluates a script; the address of its value, or the exception.</summary>
    public (int Value, int Exception) Evaluate(string code, string file)
    {
        var source = NewText(code, out var length);
        var name = NewText(file, out _);
        var result = evaluate(Addresses.Context, source, length, name, 0, 0);
        free(source);
        free(name);
        return (result, resolveException(Addresses.Context, result));
    }

    /// <summary>Calls a function; the address of its value, or the exception.</summary>
    public (int Value, int Exception) Call(int function, params ReadOnlySpan<int> arguments)
    {
        var list = malloc(4 * Math.Max(1, arguments.Length));
        for (var i = 0; i < arguments.Length; i++)
        {
            Memory.WriteInt32(list + (4 * i), arguments[i]);
        }

        var undefined = getUndefined();
        var result = call(Addresses.Context, function, undefined, arguments.Length, list);
        free(list);
        return (result, resolveException(Addresses.Context, result));
    }

    /// <summary>Runs the jobs of promises until there are none. The address of the exception of one that failed, or 0.</summary>
    public int RunPendingJobs()
    {
        var result = executeJobs(Addresses.Runtime, -1, Addresses.Scratch);
        return resolveException(Addresses.Context, result);
    }

    /// <summary>A string value.</summary>
    public int NewString(string text)
    {
        var bytes = NewText(text, out _);
        var value = newString(Addresses.Context, bytes);
        free(bytes);
        return value;
    }

    /// <summary>A number value.</summary>
    public int NewNumber(double number) => newNumber(Addresses.Context, number);

    /// <summary>A function value that calls the host.</summary>
    public int NewHostFunction(string name, int number)
    {
        var text = NewText(name, out _);
        var value = instance.GetFunction<int, int, int, int, int, int>(QuickJsNames.Exports["QTS_NewFunction"])!(Addresses.Context, text, 0, 0, number);
        free(text);
        return value;
    }

    /// <summary>A second reference to a value given by its bits.</summary>
    public int Hold(long bits)
    {
        Memory.WriteInt64(Addresses.Scratch, bits);
        return instance.GetFunction<int, int, int>(QuickJsNames.Exports["QTS_DupValuePointer"])!(Addresses.Context, Addresses.Scratch);
    }

    /// <summary>Gives a value up.</summary>
    public void Release(int value) => freeValue(Addresses.Context, value);

    /// <summary>The value of an argument of a host call, borrowed.</summary>
    public int Argument(int arguments, int index) => argument(arguments, index);

    /// <summary>A value as a number.</summary>
    public double Number(int value) => getNumber(Addresses.Context, value);

    /// <summary>Gives a value's text to a reader, as UTF-8 without its end mark; nothing when QuickJS has no memory for it.</summary>
    public void ReadText(int value, ReadText read)
    {
        var address = getString(Addresses.Context, value);
        if (address != 0)
        {
            var rest = Memory.GetSpan(address, checked((int)(Memory.GetLength() - address)));
            read(rest[..rest.IndexOf((byte)0)]);
            freeString(Addresses.Context, address);
        }
    }

    /// <summary>A value as text.</summary>
    public string Text(int value)
    {
        var text = "";
        ReadText(value, bytes => text = Encoding.UTF8.GetString(bytes));
        return text;
    }

    /// <inheritdoc/>
    public void Dispose() => Store.Dispose();

    private void LimitObjects(int runtime, int bytes) => limitMemory(runtime, bytes);

    private int NewText(string text, out int length)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        length = bytes.Length;
        var address = malloc(length + 1);
        if (address == 0)
        {
            throw new ScriptEndException(Running.SandboxEnd.Finished, "no memory for the program");
        }

        bytes.CopyTo(Memory.GetSpan(address, length));
        Memory.WriteByte(address + length, 0);
        return address;
    }
}

/// <summary>Reads bytes of the module's memory, which are valid during the call only.</summary>
internal delegate void ReadText(ReadOnlySpan<byte> bytes);

/// <summary>Where things are in a memory and in every copy of it.</summary>
/// <param name="Runtime">JSRuntime.</param>
/// <param name="Context">JSContext.</param>
/// <param name="Scratch">Room for one value.</param>
/// <param name="Entry">The runner's function that the host calls; 0 before there is one.</param>
internal sealed record QuickJsAddresses(int Runtime, int Context, int Scratch, int Entry);
