using System.Globalization;
using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.Seatbelt;

/// <summary>How an interpreter is started on macOS: pure. Python confines itself with the profile, node is started under it by sandbox-exec.</summary>
internal static class SeatbeltCommand
{
    /// <summary>The system's tool.</summary>
    public const string Tool = "/usr/bin/sandbox-exec";

    /// <summary>Name of the file with the profile, beside the runner.</summary>
    public const string ProfileFile = "profile.sb";

    /// <summary>Program and argument vector.</summary>
    public static (string Path, IReadOnlyList<string> Arguments) For(Interpreter interpreter, LimitPlan limits, string runnerDirectory, string scratch)
    {
        if (interpreter.Language == SnippetLanguage.Python)
        {
            IReadOnlyList<string> start = InterpreterCommand.Arguments(interpreter, limits, $"{runnerDirectory}/seatbelt.py");
            return (interpreter.Path, [.. start, SeatbeltProfile.RealPath(scratch), $"{runnerDirectory}/{ProfileFile}", .. Limits(limits)]);
        }

        var profile = SeatbeltProfile.Text(interpreter, runnerDirectory, scratch, mayExecute: true);
        return (Tool, [Tool, "-p", profile, .. InterpreterCommand.Arguments(interpreter, limits, $"{runnerDirectory}/runner.js"), SeatbeltProfile.RealPath(scratch)]);
    }

    /// <summary>
    /// Limits that Python sets itself before it is confined. macOS does not hold address space or data against a limit, and counts processes by user: memory is
    /// watched from outside, and no process can be started anyway. Node has no way to limit itself; its heap is told, the rest is watched.
    /// </summary>
    public static IReadOnlyList<string> Limits(LimitPlan limits)
    {
        var seconds = (long)Math.Ceiling(limits.Time.TotalSeconds) + 1;
        return [$"CPU={seconds.ToString(CultureInfo.InvariantCulture)}", $"FSIZE={LimitPlan.ScratchBytes.ToString(CultureInfo.InvariantCulture)}", "NOFILE=64", "CORE=0", "MEMLOCK=0"];
    }
}
