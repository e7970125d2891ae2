using System.Text;
using EdgeCoder.Executor.Runners;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>The runner's JavaScript inside QuickJS: how it is loaded, and the functions of the host that it is given. No program ever holds one of them.</summary>
internal static class ScriptRunner
{
    /// <summary>Adds text to a stream: number of the stream, text.</summary>
    public const int Write = 1;

    /// <summary>Adds a zero byte to a stream, which text cannot carry: number of the stream.</summary>
    public const int Zero = 2;

    /// <summary>Adds a record to the report: kind, JSON text.</summary>
    public const int Report = 3;

    /// <summary>Moves the clock: milliseconds since the program's start.</summary>
    public const int Advance = 4;

    /// <summary>Gives the work done so far, in milliseconds of the time limit.</summary>
    public const int Work = 5;

    /// <summary>Gives whether the program has used up its memory.</summary>
    public const int Exhausted = 6;

    /// <summary>Ends the program where it is.</summary>
    public const int Stop = 7;

    private static readonly string[] Names = ["write", "zero", "report", "advance", "work", "exhausted", "stop"];

    /// <summary>Loads the runner's files into an instance; the address of the function that the host calls.</summary>
    /// <exception cref="InvalidOperationException">The runner itself has a fault.</exception>
    public static int Load(QuickJsInstance instance)
    {
        var functions = Names.Select((name, i) => instance.NewHostFunction(name, i + 1)).ToArray();
        var parts = RunnerFiles.WebAssembly.Files.Select(file => Checked(instance, instance.Evaluate(Encoding.UTF8.GetString(file.Content), "edgecoder:" + file.Name), file.Name)).ToArray();
        return Checked(instance, instance.Call(parts[0], [.. functions, .. parts[1..]]), "runner");
    }

    private static int Checked(QuickJsInstance instance, (int Value, int Exception) result, string what) =>
        result.Exception == 0 ? result.Value : throw new InvalidOperationException($"{what}: {instance.Text(result.Exception)}");
}
