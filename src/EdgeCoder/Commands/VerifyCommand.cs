using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary>
/// <c>edgecoder verify</c>: receipts and whole logs, without network and without the coordinator that made them (docs/ledger.md). Exit code 0: proven by keys
/// that the caller trusts; 1: wrong; 2: it fits itself and no trusted key was given.
/// </summary>
internal static class VerifyCommand
{
    private const string Exits = "Exit code: 0 proven by a key that you trust; 1 wrong, with the reason; 2 it fits itself, but no trusted key was given.";

    /// <summary><c>edgecoder verify</c> with its subcommands.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var command = Receipt(surroundings, json, "verify", $"Check a receipt or an exported log (docs/ledger.md). No network is used. {Exits}");
        command.Subcommands.Add(Receipt(surroundings, json, "receipt", $"Check a receipt. {Exits}"));
        command.Subcommands.Add(Log(surroundings, json, "ledger"));
        command.Subcommands.Add(VerifyEquivocationCommand.Build(surroundings, json, Trust(), given => Trusted(surroundings, given)));
        command.Subcommands.Add(VerifyAuditCommand.Build(surroundings, json, Trust(), given => Trusted(surroundings, given)));
        command.Subcommands.Add(VerifyStepUpCommand.Build(surroundings, json));
        command.Subcommands.Add(VerifyBlacklistCommand.Build(surroundings, json));
        command.Subcommands.Add(VerifyIssuanceCommand.Build(surroundings, json, Trust(), given => Trusted(surroundings, given)));
        command.Subcommands.Add(VerifyReleaseCommand.Build(surroundings, json));
        command.Subcommands.Add(VerifyBalances.Build(surroundings, json));
        return command;
    }

    /// <summary><c>edgecoder ledger</c> with its subcommands.</summary>
    public static Command BuildLedger(Surroundings surroundings, Option<bool> json) => new("ledger", "Logs of coordinators.") { Log(surroundings, json, "verify"), LedgerExportCommand.Build(surroundings, json), LedgerKeyCommand.Build(surroundings, json) };

    private static Command Receipt(Surroundings surroundings, Option<bool> json, string name, string help)
    {
        var file = new Argument<string>("receipt") { Description = "The receipt's file; a folder is checked as a log." };
        var trust = Trust();
        var command = new Command(name, help) { file, trust };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            cancellation =>
            {
                var path = Path.GetFullPath(arguments.GetValue(file)!, surroundings.Directory);
                var trusted = Trusted(surroundings, arguments.GetValue(trust) ?? []);
                return Task.FromResult(Directory.Exists(path)
                    ? CheckLog(surroundings, path, trusted, arguments.GetValue(json), cancellation)
                    : Show(surroundings, arguments.GetValue(json), ReceiptVerifier.Check(ReadReceipt(path), trusted)));
            },
            cancellationToken));
        return command;
    }

    private static Command Log(Surroundings surroundings, Option<bool> json, string name)
    {
        var folder = new Argument<string>("folder") { Description = "Folder with the file checkpoint and the folder tile." };
        var trust = Trust();
        var command = new Command(name, $"Check a whole exported log: every record, every tile, the root. {Exits}") { folder, trust };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            cancellation => Task.FromResult(CheckLog(
                surroundings, Path.GetFullPath(arguments.GetValue(folder)!, surroundings.Directory), Trusted(surroundings, arguments.GetValue(trust) ?? []), arguments.GetValue(json), cancellation)),
            cancellationToken));
        return command;
    }

    private static Option<string[]> Trust() => new("--trust", "-k") { Description = "A key that you trust, as name+hash+base64, or a file of such lines with a line: threshold N. May be given again." };

    // Whom the caller trusts: keys as they are, and files of them.
    private static TrustedKeys Trusted(Surroundings surroundings, IReadOnlyList<string> given)
    {
        var text = new List<string>();
        foreach (var one in given)
        {
            var path = Path.GetFullPath(one, surroundings.Directory);
            text.Add(File.Exists(path) ? File.ReadAllText(path) : one.Contains('+') ? one : throw new UsageException("trust_missing", $"There is no file {one}, and it is no key.", "A key looks like edgecoder/coord-1+64c52a6e+AQOh…"));
        }

        try
        {
            return TrustedKeys.Parse(string.Join('\n', text));
        }
        catch (FormatException fault)
        {
            throw new UsageException("trust_invalid", fault.Message, "A key looks like edgecoder/coord-1+64c52a6e+AQOh…");
        }
    }

    private static byte[] ReadReceipt(string path)
    {
        if (!File.Exists(path))
        {
            throw new UsageException("file_missing", $"There is no file {path}.");
        }

        return new FileInfo(path).Length <= ReceiptVerifier.MostBytes
            ? File.ReadAllBytes(path)
            : throw new UsageException("file_too_large", $"{path} is larger than a receipt can be ({ReceiptVerifier.MostBytes >> 20} MiB).");
    }

    private static ExitCode CheckLog(Surroundings surroundings, string folder, TrustedKeys trust, bool json, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            throw new UsageException("folder_missing", $"There is no folder {folder}.");
        }

        using var progress = surroundings.Progress(json || !surroundings.Interactive);
        var verdict = LogVerifier.Check(
            new(folder), trust, new Direct(count => progress.Show(string.Create(CultureInfo.InvariantCulture, $"checked {count:N0} records"))), cancellationToken);
        if (json)
        {
            var found = new JsonObject { ["ok"] = verdict.Standing == ReceiptStanding.Proven, ["standing"] = Word(verdict.Standing), ["verifiedTo"] = verdict.VerifiedTo };
            Add(found, "origin", verdict.Checkpoint?.Origin);
            Add(found, "checkpointHash", verdict.Checkpoint?.Hash);
            Add(found, "reason", verdict.Finding is { } finding ? Word(finding.Reason) : null);
            Add(found, "where", verdict.Finding?.Where);
            if (verdict.Finding?.Sequence is { } sequence)
            {
                found["sequence"] = sequence;
            }

            surroundings.Output.WriteLine(found.ToJsonString());
            return Exit(verdict.Standing);
        }

        Say(surroundings, verdict.Finding is { } wrong
            ? string.Create(CultureInfo.InvariantCulture, $"Wrong: {Words(wrong.Reason)} ({Word(wrong.Reason)}), {wrong.Where}{(wrong.Sequence is { } at ? $", record {at}" : "")}. Right up to record {verdict.VerifiedTo}.")
            : string.Create(CultureInfo.InvariantCulture, $"{Head(verdict.Standing)} {verdict.Checkpoint!.Origin}, {verdict.VerifiedTo:N0} records, checkpoint {verdict.Checkpoint.Hash}."));
        return Exit(verdict.Standing);
    }

    private static ExitCode Show(Surroundings surroundings, bool json, ReceiptVerdict verdict)
    {
        if (json)
        {
            var found = new JsonObject { ["ok"] = verdict.Standing == ReceiptStanding.Proven, ["standing"] = Word(verdict.Standing), ["checks"] = new JsonArray([.. verdict.Checks.Select(check => JsonValue.Create(check))]) };
            Add(found, "reason", verdict.Reason is { } reason ? Word(reason) : null);
            if (verdict.Record is { } record)
            {
                found["record"] = JsonSerializer.SerializeToNode(record, Ledger.LedgerJson.Default.OrderingRecord);
            }

            surroundings.Output.WriteLine(found.ToJsonString());
            return Exit(verdict.Standing);
        }

        if (verdict.Record is { } said)
        {
            Say(surroundings, $"{said.EventType} {said.Sequence} of {said.CoordinatorId}, task {said.TaskId}{(said.SubtaskId is { } part ? $", sub-task {part}" : "")}, by {said.ActorId}, "
                + $"{DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(said.IssuedAtMs, 0, 253_402_300_799_999)).ToString("u", CultureInfo.InvariantCulture)}");
            if (said.PayloadJson is { } payload)
            {
                foreach (var member in payload.EnumerateObject())
                {
                    Say(surroundings, $"  {member.Name,-16} {member.Value}");
                }
            }
        }

        foreach (var check in verdict.Checks)
        {
            surroundings.Console.WriteLine($"  ✓ {check.Replace('_', ' ')}");
        }

        surroundings.Console.WriteLine(verdict.Reason is { } wrong ? $"  ✗ {Words(wrong)} ({Word(wrong)})" : Head(verdict.Standing));
        return Exit(verdict.Standing);
    }

    // What a file says is a stranger's.
    private static void Say(Surroundings surroundings, string line) => surroundings.Console.WriteLine(SafeText.ForTerminal(line));

    private static ExitCode Exit(ReceiptStanding standing) => standing switch
    {
        ReceiptStanding.Proven => ExitCode.Success,
        ReceiptStanding.Invalid => ExitCode.Failed,
        _ => ExitCode.Usage,
    };

    private static string Head(ReceiptStanding standing) => standing == ReceiptStanding.Proven
        ? "Proven."
        : "It fits itself, and nobody whom you trust has signed it: give the log's key with --trust.";

    private static string Words(LedgerFault fault) => fault switch
    {
        LedgerFault.NotCanonical => "its form is not the one that is signed",
        LedgerFault.UnknownVersion => "it is of a version that is not known here; update EdgeCoder",
        LedgerFault.InvalidSequence => "a record is not at its place",
        LedgerFault.InvalidPrevHash => "a record does not follow the one before it",
        LedgerFault.HashMismatch => "a hash is not that of its bytes",
        LedgerFault.InvalidSignature => "a record is not signed by the log's key",
        LedgerFault.InclusionProofInvalid => "the proof does not lead from the record to the checkpoint",
        LedgerFault.ConsistencyProofInvalid => "the log was changed behind the checkpoint",
        LedgerFault.CheckpointSignatureInvalid => "the checkpoint is not signed by the log's key",
        LedgerFault.QuorumNotReached => "too few of the witnesses that you trust have signed",
        LedgerFault.AnchorPayloadInvalid => "the anchor is not of this checkpoint",
        _ => "no key of this log is among those given",
    };

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static void Add(JsonObject found, string name, string? value)
    {
        if (value is not null)
        {
            found[name] = value;
        }
    }

    // Told where it is, and not later on another thread.
    private sealed class Direct(Action<long> tell) : IProgress<long>
    {
        public void Report(long value) => tell(value);
    }
}
