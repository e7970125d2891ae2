using Wasmtime;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>
/// The functions that the module asks for. Nothing of the machine is behind them: there is no file, no environment, no time of day and no random number,
/// and memory grows to the limit and not beyond. Addresses come from the module and are checked against its memory by every access.
/// </summary>
internal static class ModuleImports
{
    private const int Success = 0;
    private const int BadDescriptor = 8;
    private const int BrokenDownTimeBytes = 40;

    // 2024-01-01T00:00:00Z: the day on which every program runs.
    private const long StartOfTimeMilliseconds = 1_704_067_200_000;

    /// <summary>All of them, by their place in <see cref="QuickJsNames.Imports"/>.</summary>
    /// <param name="store">The instance's store.</param>
    /// <param name="memory">The instance's memory.</param>
    /// <param name="call">What the runner's host functions do: context, arguments' count and address, number of the function; gives the address of a value or 0.</param>
    public static IReadOnlyDictionary<string, object> Create(Store store, Memory memory, Func<int, int, int, int> call)
    {
        var imports = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["memory"] = memory,
            ["assert_fail"] = Function.FromCallback(store, (int text, int file, int line, int function) => throw new InvalidOperationException("QuickJS: an assertion of its own failed")),
            ["fd_write"] = Function.FromCallback(store, (int descriptor, int vectors, int count, int written) => BadDescriptor),
            ["fd_close"] = Function.FromCallback(store, (int descriptor) => BadDescriptor),
            ["environ_get"] = Function.FromCallback(store, (int names, int buffer) => Success),
            ["environ_sizes_get"] = Function.FromCallback(store, (int count, int size) =>
            {
                memory.WriteInt32(Address(count), 0);
                memory.WriteInt32(Address(size), 0);
                return Success;
            }),
            ["normalize_module"] = Function.FromCallback(store, (int runtime, int context, int from, int name) => 0),
            ["load_module_source"] = Function.FromCallback(store, (int runtime, int context, int name) => 0),
            ["should_interrupt"] = Function.FromCallback(store, (int runtime) => 0),
            ["setitimer"] = Function.FromCallback(store, (int which, double milliseconds) => 0),
            ["resize_heap"] = Function.FromCallback(store, (int bytes) => Grow(memory, (uint)bytes)),
            ["runtime_keepalive_clear"] = Function.FromCallback(store, () => { }),
            ["localtime"] = Function.FromCallback(store, (long time, int result) => memory.GetSpan(Address(result), BrokenDownTimeBytes).Clear()),
            ["tzset"] = Function.FromCallback(store, (int zone, int daylight, int standardName, int daylightName) => { }),
            ["fd_seek"] = Function.FromCallback(store, (int descriptor, long offset, int whence, int result) => BadDescriptor),
            ["date_now"] = Function.FromCallback(store, () => (double)StartOfTimeMilliseconds),
            ["clock_time_get"] = Function.FromCallback(store, (int clock, long precision, int result) =>
            {
                memory.WriteInt64(Address(result), StartOfTimeMilliseconds * 1_000_000);
                return Success;
            }),
            ["abort"] = Function.FromCallback(store, () => throw new InvalidOperationException("QuickJS aborted")),
            ["proc_exit"] = Function.FromCallback(store, (int code) => throw new InvalidOperationException("QuickJS ended")),
            ["call_function"] = Function.FromCallback(store, (int context, int self, int count, int arguments, int function) => call(count, arguments, function)),
            ["free_host_ref"] = Function.FromCallback(store, (int runtime, int function) => { }),
        };
        return imports;
    }

    // Addresses are unsigned; .NET has no unsigned parameter here.
    private static uint Address(int value) => (uint)value;

    private static int Grow(Memory memory, uint bytes)
    {
        var pages = ((long)bytes + WasmLimits.PageBytes - 1) / WasmLimits.PageBytes;
        var missing = pages - memory.GetSize();
        if (missing <= 0)
        {
            return 1;
        }

        try
        {
            memory.Grow(missing);
            return 1;
        }
        catch (WasmtimeException)
        {
            return 0; // the allocator gives no memory, and QuickJS throws its exception
        }
    }
}
