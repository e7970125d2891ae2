using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Ledger.Equivocations;
using EdgeCoder.Ledger.Receipts;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder verify equivocation</c> (docs/ledger.md): whether a file proves that a log has signed two histories. No network is used.</summary>
internal static class VerifyEquivocationCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json, Option<string[]> trust, Func<IReadOnlyList<string>, TrustedKeys> trusted)
    {
        var file = new Argument<string>("file") { Description = "Evidence, as a witness gives it." };
        var command = new Command("equivocation", "Check evidence that a log has two histories. Exit code: 0 proven by a key of the log that you trust; 1 it proves nothing, with the reason.") { file, trust };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ => Task.FromResult(Check(surroundings, Path.GetFullPath(arguments.GetValue(file)!, surroundings.Directory), trusted(arguments.GetValue(trust) ?? []), arguments.GetValue(json))),
            cancellationToken));
        return command;
    }

    private static ExitCode Check(Surroundings surroundings, string path, TrustedKeys trust, bool json)
    {
        if (!File.Exists(path))
        {
            throw new UsageException("file_missing", $"There is no file {path}.");
        }

        var fault = new FileInfo(path).Length <= EquivocationVerifier.MostBytes ? EquivocationVerifier.Check(File.ReadAllBytes(path), trust) : EquivocationFault.NotCanonical;
        var reason = fault is { } wrong ? JsonNamingPolicy.SnakeCaseLower.ConvertName(wrong.ToString()) : null;
        if (json)
        {
            surroundings.Output.WriteLine((reason is null ? new JsonObject { ["ok"] = true } : new JsonObject { ["ok"] = false, ["reason"] = reason }).ToJsonString());
        }
        else
        {
            surroundings.Console.WriteLine(reason is null ? "Proven: the log has signed two histories." : $"It proves nothing: {Words(fault!.Value)} ({reason}).");
        }

        return reason is null ? ExitCode.Success : ExitCode.Failed;
    }

    private static string Words(EquivocationFault fault) => fault switch
    {
        EquivocationFault.NotCanonical => "it has not the form of evidence",
        EquivocationFault.UnknownKey => "no key of this log is among those given with --trust",
        EquivocationFault.KeyChainBroken => "the changes of the log's key that it brings along do not follow one another",
        EquivocationFault.KeyOutOfTime => "a record is signed with a key of the log that did not count at its time",
        EquivocationFault.InvalidSignature => "one of the two is not signed by the log",
        _ => "one history has room for both",
    };
}
