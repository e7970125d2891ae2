using System.Text;
using EdgeCoder.Executor.Running;
using Wasmtime;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>One program from start to end in an instance of its own, on the thread that calls.</summary>
internal sealed class WasmRun(WasmEngine engine, SandboxJob job, TimeProvider time, CancellationToken cancellationToken)
{
    private const int AbortStatus = 128 + 6;
    private const int FailureStatus = 1;
    private const int FieldsOfFile = 5;
    private const int FirstFileField = 5;

    private readonly ScriptHost host = new(job);
    private long began;
    private ulong fuel;

    /// <summary>Runs it.</summary>
    public SandboxOutcome Execute()
    {
        var start = time.GetTimestamp();
        using var instance = engine.TakeInstance();
        instance.HostCall = (function, count, arguments) => HostCall(instance, function, count, arguments);
        fuel = WasmLimits.Fuel(job.Limits.Time);
        instance.Store.Fuel = fuel;
        began = time.GetTimestamp();
        instance.Tick = Tick;
        using var deadline = time.CreateTimer(_ => engine.Wake(), null, job.Limits.Time, TimeSpan.FromMilliseconds(5));
        using var cancelled = cancellationToken.Register(engine.Wake);
        var (end, status) = Run(instance);
        if (host.Report.Ended)
        {
            (end, status) = (SandboxEnd.Finished, 0); // what still ran after its end record does not count
        }

        var program = time.GetElapsedTime(began);
        return new SandboxOutcome
        {
            End = end,
            Status = status,
            Stdout = host.Stdout,
            Stderr = host.Stderr,
            Report = host.Report,
            Startup = time.GetElapsedTime(start) - program,
            Program = program,
            CpuMs = (long)program.TotalMilliseconds,
            MemoryBytes = instance.Memory.GetLength(),
        };
    }

    // Without the end record of the runner a program that ends has not come to its end, whatever the status: RunVerdict knows that.
    private (SandboxEnd End, int Status) Run(QuickJsInstance instance)
    {
        try
        {
            Tick();
            instance.Limit(job.Limits.MemoryBytes);
            host.Report.Add("ready\n"u8);
            if (Load(instance))
            {
                Pump(instance);
            }

            return (SandboxEnd.Finished, 0);
        }
        catch (ScriptEndException end)
        {
            return (end.End, 0);
        }
        catch (WasmtimeException exception) when (exception.InnerException is ScriptEndException end)
        {
            return (end.End, 0);
        }
        catch (TrapException trap) when (trap.Type == TrapCode.OutOfFuel)
        {
            return (SandboxEnd.FuelLimit, 0);
        }
        catch (TrapException trap) when (trap.Type == TrapCode.StackOverflow)
        {
            // Where QuickJS did not notice in time; the program cannot catch this one.
            host.Write(2, "RangeError: Maximum call stack size exceeded\n"u8);
            return (SandboxEnd.Finished, FailureStatus);
        }
        catch (WasmtimeException exception)
        {
            // A fault of QuickJS itself: contained by WebAssembly, and the end of the program.
            host.Write(2, Encoding.UTF8.GetBytes($"QuickJS: {(exception.InnerException ?? exception).Message.Split('\n')[0]}\n"));
            return (SandboxEnd.Finished, AbortStatus);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or OverflowException)
        {
            // An address outside the memory, or the runner itself failed: when memory is gone even it has none.
            host.Write(2, Encoding.UTF8.GetBytes($"QuickJS: {exception.Message}\n"));
            return (SandboxEnd.Finished, AbortStatus);
        }
    }

    // The frame of SnippetFrame: key, mode, line and column of the last statement, count of the program's files, then five fields for each file.
    private bool Load(QuickJsInstance instance)
    {
        var fields = JobFields.Read(job.Frame);
        for (var at = FirstFileField; at + FieldsOfFile <= fields.Count; at += FieldsOfFile)
        {
            var (name, text, wrapped, prefix, kind) = (fields[at], fields[at + 1], fields[at + 2], fields[at + 3], fields[at + 4]);
            var function = 0;
            if (wrapped.Length > 0)
            {
                var (value, exception) = instance.Evaluate(wrapped, name);
                function = value;
                if (exception != 0)
                {
                    Enter(instance, "refused", instance.NewString(name), exception);
                    return false;
                }
            }

            Enter(instance, "file", instance.NewString(name), instance.NewString(wrapped.Length > 0 ? "" : text), instance.NewString(kind), instance.NewNumber(double.Parse(prefix, System.Globalization.CultureInfo.InvariantCulture)), function);
        }

        Enter(instance, "start", instance.NewString(fields[1]), instance.NewNumber(double.Parse(fields[4], System.Globalization.CultureInfo.InvariantCulture)));
        return true;
    }

    // Jobs of promises first, then one timer, as node's loop; until there is nothing left to do.
    private void Pump(QuickJsInstance instance)
    {
        while (true)
        {
            while (instance.RunPendingJobs() is not 0 and var failed)
            {
                Enter(instance, "failed", failed);
            }

            if (instance.Rejections.TakeFirst() is not 0 and var reason)
            {
                Enter(instance, "rejected", reason);
            }
            else if (host.Report.Ended || !Enter(instance, "turn"))
            {
                return;
            }
        }
    }

    // The runner's function: a command and its values. It gives a true value when there is more to do.
    private static bool Enter(QuickJsInstance instance, string command, params ReadOnlySpan<int> values)
    {
        var name = instance.NewString(command);
        var (value, exception) = instance.Call(instance.Addresses.Entry, [name, .. values]);
        instance.Release(name);
        if (exception != 0)
        {
            throw new InvalidOperationException($"runner: {instance.Text(exception)}");
        }

        var more = instance.Number(value) > 0;
        instance.Release(value);
        return more;
    }

    private int HostCall(QuickJsInstance instance, int function, int count, int arguments)
    {
        int Value(int index) => index < count ? instance.Argument(arguments, index) : throw new InvalidOperationException("a host function has too few arguments");
        switch (function)
        {
            case ScriptRunner.Write:
                var stream = (int)instance.Number(Value(0));
                instance.ReadText(Value(1), text => host.Write(stream, text));
                return 0;
            case ScriptRunner.Zero:
                host.Write((int)instance.Number(Value(0)), [0]);
                return 0;
            case ScriptRunner.Report:
                var json = Value(1);
                instance.ReadText(Value(0), kind =>
                {
                    var copy = kind.ToArray();
                    instance.ReadText(json, text => host.Tell(copy, text));
                });
                return 0;
            case ScriptRunner.Advance:
                host.Advance(instance.Number(Value(0)));
                return 0;
            case ScriptRunner.Work:
                return instance.NewNumber((fuel - instance.Store.Fuel) * 1000.0 / WasmLimits.FuelPerSecond);
            case ScriptRunner.Exhausted:
                return instance.NewNumber(instance.WasExhausted() ? 1 : 0);
            case ScriptRunner.Stop:
                throw new ScriptEndException(SandboxEnd.Finished);
            default:
                throw new InvalidOperationException("there is no such host function");
        }
    }

    private ulong Tick()
    {
        if (cancellationToken.IsCancellationRequested)
        {
            throw new ScriptEndException(SandboxEnd.Cancelled);
        }

        return time.GetElapsedTime(began) < job.Limits.Time ? 1UL : throw new ScriptEndException(SandboxEnd.WallLimit);
    }
}
