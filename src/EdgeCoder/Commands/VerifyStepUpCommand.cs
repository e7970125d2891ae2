using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Protocol.OperatorAudit;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder verify step-up</c> (portal-and-control-plane 7, docs/portal.md): what a passkey confirmed, from its kept evidence, without network.</summary>
internal static class VerifyStepUpCommand
{
    private const long MostBytes = 1 << 20;

    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var file = new Argument<string>("file") { Description = "Evidence of a confirmation (GET /portal/api/evidence/ID; the id is in the audit log as stepup:ID)." };
        var command = new Command("step-up", "Check what a passkey confirmed in a portal. No network is used. Exit code: 0 right; 1 wrong, with the reason.") { file };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ => Task.FromResult(Check(surroundings, Path.GetFullPath(arguments.GetValue(file)!, surroundings.Directory), arguments.GetValue(json))),
            cancellationToken));
        return command;
    }

    private static ExitCode Check(Surroundings surroundings, string path, bool json)
    {
        if (!File.Exists(path))
        {
            throw new UsageException("file_missing", $"There is no file {path}.");
        }

        if (new FileInfo(path).Length > MostBytes)
        {
            throw new UsageException("file_too_large", $"{path} is larger than an evidence can be (1 MiB).");
        }

        var verdict = StepUpEvidence.Check(File.ReadAllBytes(path));
        var reason = verdict.Fault is { } fault ? JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.ToString()) : null;
        if (json)
        {
            var said = new JsonObject { ["ok"] = reason is null, ["actor"] = verdict.Actor, ["action"] = verdict.Action, ["keySha256"] = verdict.KeySha256 };
            if (reason is not null)
            {
                said["reason"] = reason;
            }

            surroundings.Output.WriteLine(said.ToJsonString());
        }
        else if (verdict.Fault is { } wrong)
        {
            surroundings.Console.WriteLine($"Wrong: {Words(wrong)} ({reason}).");
        }
        else
        {
            surroundings.Console.WriteLine(SafeText.ForTerminal($"Right: {verdict.Actor} confirmed exactly this with the passkey {verdict.KeySha256}, which the audit log's row passkey.added names:"));
            surroundings.Console.WriteLine(SafeText.ForTerminal("  " + verdict.Action));
        }

        return reason is null ? ExitCode.Success : ExitCode.Failed;
    }

    private static string Words(StepUpFault fault) => fault switch
    {
        StepUpFault.EvidenceInvalid => "the file is no evidence of a confirmation",
        StepUpFault.ActionInvalid => "the action is not in the form that is confirmed, or another person's",
        StepUpFault.ChallengeMismatch => "the passkey confirmed something else",
        StepUpFault.RelyingPartyMismatch => "the passkey was asked by another site",
        StepUpFault.PersonNotVerified => "the device did not verify the person",
        StepUpFault.KeyUnsupported => "the key is of a kind that is not known here; update EdgeCoder",
        _ => "the signature is not of this key",
    };
}
