using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Executor.Runners;
using Wasmtime;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>The compiled module, and the memory of QuickJS with the runner in it, from which every program's own instance begins.</summary>
internal sealed class WasmEngine : IDisposable
{
    // What is not here is off or of no meaning for code; the image's name has it in.
    private const string Settings = "fuel epochs speed stack=48MiB table";

    private readonly Engine engine;
    private readonly Module module;
    private readonly MemorySnapshot snapshot;
    private readonly QuickJsAddresses addresses;
    private readonly ConcurrentBag<QuickJsInstance> ready = [];

    private WasmEngine(Engine engine, Module module, bool compiled, TimeSpan preparation, TimeProvider time)
    {
        var began = time.GetTimestamp();
        this.engine = engine;
        this.module = module;
        Compiled = compiled;
        using var first = new QuickJsInstance(engine, module, null);
        first.Initialize();
        addresses = first.Addresses with { Entry = ScriptRunner.Load(first) };
        CheckRejections(first);
        snapshot = MemorySnapshot.Take(first.Memory);
        Preparation = preparation + time.GetElapsedTime(began);
        Digest = DigestOf();
    }

    /// <summary>Whether the module had to be compiled: no image of an earlier start could be used.</summary>
    public bool Compiled { get; }

    /// <summary>How long it took to be ready.</summary>
    public TimeSpan Preparation { get; }

    /// <summary>SHA-256 of what decides how programs behave: the module, Wasmtime, the settings and the limits, the runner.</summary>
    public string Digest { get; }

    /// <summary>Bytes of memory that are copied for each program.</summary>
    public int SnapshotBytes => snapshot.Bytes;

    /// <summary>Makes it ready. The refusal says what is missing.</summary>
    /// <remarks>1. the module and its digest; 2. the engine; 3. machine code, from the image or compiled; 4. the runner in its memory.</remarks>
    public static (WasmEngine? Engine, SandboxRefusal? Refusal) Create(string modulePath, string dataDirectory, TimeProvider time)
    {
        var began = time.GetTimestamp();

        // 1.
        var (bytes, refusal) = QuickJsModule.Read(modulePath);
        if (bytes is null)
        {
            return (null, refusal);
        }

        try
        {
            // 2.
            var engine = new Engine(new Config()
                .WithFuelConsumption(true)
                .WithEpochInterruption(true)
                .WithOptimizationLevel(OptimizationLevel.Speed)
                .WithNativeStack(WasmLimits.NativeStackBytes));

            // 3.
            var (module, compiled) = ModuleImage.Load(engine, Settings, bytes, dataDirectory);

            // 4.
            return (OnLargeStack(() => new WasmEngine(engine, module, compiled, time.GetElapsedTime(began), time)), null);
        }
        catch (Exception exception) when (exception is WasmtimeException or DllNotFoundException or TypeInitializationException or BadImageFormatException or InvalidOperationException)
        {
            return (null, new($"WebAssembly cannot be run here: {(exception.InnerException ?? exception).Message}", null));
        }
    }

    /// <summary>A fresh instance in the state in which the runner waits for a program; one that was made ahead, if there is one.</summary>
    public QuickJsInstance TakeInstance() => ready.TryTake(out var instance) ? instance : NewInstance();

    /// <summary>Makes an instance for a later program, unless there are enough.</summary>
    public void MakeInstanceAhead()
    {
        if (ready.Count < Environment.ProcessorCount)
        {
            ready.Add(NewInstance());
        }
    }

    /// <summary>Makes every running instance ask whether it is to end.</summary>
    public void Wake() => engine.IncrementEpoch();

    /// <inheritdoc/>
    public void Dispose()
    {
        while (ready.TryTake(out var instance))
        {
            instance.Dispose();
        }

        module.Dispose();
        engine.Dispose();
    }

    private QuickJsInstance NewInstance()
    {
        var instance = new QuickJsInstance(engine, module, snapshot);
        instance.Resume(addresses);
        return instance;
    }

    // The tracker is set at an offset of QuickJS's own structure. Were it wrong, programs that fail in a promise would be told to be good: better none.
    private static void CheckRejections(QuickJsInstance instance)
    {
        instance.Evaluate("Promise.reject('seen'); Promise.reject(0).catch(() => {}); (async () => { throw 1 })()", "check");
        instance.RunPendingJobs();
        var first = instance.Rejections.TakeFirst();
        var second = first == 0 ? 0 : instance.Rejections.TakeFirst();
        if (first == 0 || second == 0 || instance.Text(first) != "seen" || instance.Text(second) != "1" || instance.Rejections.TakeFirst() != 0)
        {
            throw new InvalidOperationException("QuickJS does not tell of rejected promises");
        }

        instance.Release(first);
        instance.Release(second);
    }

    private static string DigestOf()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{QuickJsModule.Sha256}\n{typeof(Engine).Assembly.GetName().Version}\n{Settings}\n{WasmLimits.MemoryBytes}\n{WasmLimits.FuelPerSecond}\n{WasmLimits.ScriptStackBytes}\n"));
        foreach (var (name, content) in RunnerFiles.WebAssembly.Files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static T OnLargeStack<T>(Func<T> make)
    {
        var result = default(T);
        Exception? fault = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = make();
                }
                catch (Exception exception)
                {
                    fault = exception;
                }
            },
            WasmLimits.ThreadStackBytes)
        { IsBackground = true, Name = "wasm start" };
        thread.Start();
        thread.Join();
        return fault is null ? result! : throw new InvalidOperationException(fault.Message, fault);
    }
}
