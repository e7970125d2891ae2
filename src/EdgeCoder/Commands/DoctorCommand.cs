using System.CommandLine;
using System.Text.Json;
using EdgeCoder.Diagnosis;
using EdgeCoder.Terminal;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder doctor</c>: what works on this machine, what does not, and what to do about it.</summary>
internal static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var command = new Command("doctor", "Check this machine: runtime, model, sandbox, interpreters, disk.");
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var progress = surroundings.Progress(arguments.GetValue(json));
                var findings = new List<Finding>();
                await foreach (var finding in new Examination(surroundings, progress).RunAsync(cancellation))
                {
                    findings.Add(finding);
                    if (!arguments.GetValue(json))
                    {
                        progress.Erase();
                        FindingView.Show(surroundings, finding);
                    }
                }

                progress.Clear();
                if (arguments.GetValue(json))
                {
                    surroundings.Output.WriteLine(JsonSerializer.Serialize(findings, ProgramJson.Default.IReadOnlyListFinding));
                }

                return findings.Any(finding => finding.State == FindingState.Fault) ? ExitCode.Failed : ExitCode.Success;
            },
            cancellationToken));
        return command;
    }
}
