using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Runners;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.Seatbelt;

/// <summary>macOS: one process per job under a Seatbelt profile that denies by default. Untested; the self-test decides on each machine whether it is used.</summary>
internal sealed class SeatbeltSandbox : StreamedSandbox
{
    /// <summary>Puts it together.</summary>
    public SeatbeltSandbox(Interpreter interpreter, TimeProvider time)
        : base("seatbelt", SeatbeltProfile.Text(interpreter, "/runner", "/scratch", mayExecute: false), interpreter, time)
    {
    }

    /// <inheritdoc/>
    protected override StreamedProcess Start(RunDirectory place, SandboxJob job)
    {
        if (Language == SnippetLanguage.Python)
        {
            File.WriteAllBytes(Path.Combine(place.RunnerDirectory, "seatbelt.py"), RunnerFiles.Seatbelt);
            File.WriteAllText(Path.Combine(place.RunnerDirectory, SeatbeltCommand.ProfileFile), SeatbeltProfile.Text(Interpreter, place.RunnerDirectory, place.Scratch, mayExecute: false));
        }

        var (path, arguments) = SeatbeltCommand.For(Interpreter, job.Limits, place.RunnerDirectory, place.Scratch);
        return new SeatbeltProcess(path, arguments, InterpreterCommand.Environment(Language, SeatbeltProfile.RealPath(place.Scratch)), place.InputFile, place.Scratch);
    }
}
