using System.Reflection;
using System.Runtime.InteropServices;
using Wasmtime;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>
/// Lets compiled modules use more native stack than the binding for .NET can say. Wasmtime refuses a limit above that of its asynchronous calls, which are not
/// used here, and the binding has no setting for those.
/// </summary>
internal static partial class NativeStack
{
    private const string Library = "wasmtime";

    /// <summary>Sets both limits.</summary>
    /// <exception cref="InvalidOperationException">The binding is another one than this was written for.</exception>
    public static Config WithNativeStack(this Config config, int bytes)
    {
        var handle = typeof(Config).GetProperty("NativeHandle", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(config) as SafeHandle
            ?? throw new InvalidOperationException("Wasmtime's binding does not give its configuration");
        SetAsyncStackSize(handle, (ulong)bytes);
        return config.WithMaximumStackSize(bytes);
    }

    // wasmtime/config.h: void wasmtime_config_async_stack_size_set(wasm_config_t *, uint64_t);
    [LibraryImport(Library, EntryPoint = "wasmtime_config_async_stack_size_set")]
    private static partial void SetAsyncStackSize(SafeHandle config, ulong bytes);
}
