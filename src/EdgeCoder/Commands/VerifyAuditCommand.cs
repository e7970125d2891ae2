using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Protocol.OperatorAudit;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary>
/// <c>edgecoder verify audit</c> (portal-and-control-plane 10.3, docs/portal.md): an exported audit log, without network. A chain that was made anew from some row on fits itself; against the coordinator's exported
/// log, which holds heads of the audit log, that shows too.
/// </summary>
internal static class VerifyAuditCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json, Option<string[]> trust, Func<IReadOnlyList<string>, TrustedKeys> trusted)
    {
        var file = new Argument<string>("file") { Description = "Exported audit log (the portal's audit page, or GET /portal/api/audit/export)." };
        var log = new Option<string?>("--log") { Description = "Folder of the coordinator's exported log (edgecoder ledger export): the heads of the audit log in it are compared." };
        var command = new Command("audit", "Check an exported audit log of a portal. No network is used. Exit code: 0 right; 1 wrong, with the first wrong row.") { file, log, trust };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            cancellation => Task.FromResult(Check(
                surroundings, Path.GetFullPath(arguments.GetValue(file)!, surroundings.Directory), arguments.GetValue(log) is { } folder ? Path.GetFullPath(folder, surroundings.Directory) : null,
                trusted(arguments.GetValue(trust) ?? []), arguments.GetValue(json), cancellation)),
            cancellationToken));
        return command;
    }

    private static ExitCode Check(Surroundings surroundings, string path, string? folder, TrustedKeys trust, bool json, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new UsageException("file_missing", $"There is no file {path}.");
        }

        var heads = folder is null ? [] : Heads(folder, trust, cancellationToken);
        var wanted = heads.Select(head => head.Seq).ToHashSet();
        var found = new Dictionary<long, string>();
        using var dump = File.OpenRead(path);
        var verdict = AuditDump.Check(
            dump,
            (seq, hash) =>
            {
                if (wanted.Contains(seq))
                {
                    found[seq] = hash;
                }
            },
            cancellationToken);

        // A head of the log that the dump does not have, or has otherwise; only once the dump fits itself.
        var other = verdict.Finding is null ? heads.FirstOrDefault(head => found.GetValueOrDefault(head.Seq) != head.Hash) : null;
        if (json)
        {
            Write(surroundings, verdict, heads, other);
        }
        else
        {
            surroundings.Console.WriteLine(SafeText.ForTerminal(Sentence(verdict, heads, other)));
        }

        return verdict.Finding is null && other is null ? ExitCode.Success : ExitCode.Failed;
    }

    private static string Sentence(AuditVerdict verdict, List<LoggedHead> heads, LoggedHead? other) => (verdict.Finding, other) switch
    {
        ({ } wrong, _) => string.Create(CultureInfo.InvariantCulture, $"Wrong: {Words(wrong.Fault)} ({Word(wrong.Fault)}), {(wrong.Row is { } row ? $"row {row}, " : "")}line {wrong.Line}. {verdict.Rows:N0} rows before it are right."),
        (_, { } head) when head.Seq > verdict.Rows => string.Create(CultureInfo.InvariantCulture, $"Wrong: the coordinator's log knows row {head.Seq} of this audit log, and the file ends with row {verdict.Rows} (logged_head_missing)."),
        (_, { } head) => string.Create(CultureInfo.InvariantCulture, $"Wrong: row {head.Seq} is not the one whose hash the coordinator's log holds (logged_head_differs); it or a row before it was made anew."),
        _ when heads.Count > 0 => string.Create(CultureInfo.InvariantCulture, $"Right: {verdict.Rows:N0} rows, head {verdict.Head}; {heads.Count:N0} heads in the coordinator's log agree, up to row {heads[^1].Seq:N0}."),
        _ => string.Create(CultureInfo.InvariantCulture, $"It fits itself: {verdict.Rows:N0} rows, head {verdict.Head}. Compare it with a coordinator's log to know that nobody made it anew: --log FOLDER --trust KEY"),
    };

    private static void Write(Surroundings surroundings, AuditVerdict verdict, List<LoggedHead> heads, LoggedHead? other)
    {
        var said = new JsonObject { ["ok"] = verdict.Finding is null && other is null, ["rows"] = verdict.Rows, ["head"] = verdict.Head, ["loggedHeads"] = heads.Count };
        if (verdict.Finding is { } finding)
        {
            said["reason"] = Word(finding.Fault);
            said["line"] = finding.Line;
            if (finding.Row is { } row)
            {
                said["row"] = row;
            }
        }
        else if (other is not null)
        {
            said["reason"] = other.Seq > verdict.Rows ? "logged_head_missing" : "logged_head_differs";
            said["row"] = other.Seq;
        }

        surroundings.Output.WriteLine(said.ToJsonString());
    }

    // The log is checked first; what is read then is what was checked.
    private static List<LoggedHead> Heads(string folder, TrustedKeys trust, CancellationToken cancellationToken)
    {
        if (trust.Keys.Count == 0)
        {
            throw new UsageException("trust_missing", "Whose log counts is decided by keys that you trust.", "Give the key of the coordinator with --trust.");
        }

        if (!Directory.Exists(folder))
        {
            throw new UsageException("folder_missing", $"There is no folder {folder}.");
        }

        var files = new TileFolder(folder);
        var verdict = LogVerifier.Check(files, trust, null, cancellationToken);
        if (verdict.Standing != ReceiptStanding.Proven)
        {
            throw new UsageException("log_wrong", $"The log in {folder} is not proven ({verdict.Finding?.Reason.ToString() ?? "no key of it is trusted"}).", "Look at it with: edgecoder verify ledger") { Exit = ExitCode.Failed };
        }

        var heads = LoggedHead.Read(files, verdict.Checkpoint!, cancellationToken);
        return heads.Count > 0 ? heads : throw new UsageException("heads_missing", "This log holds no head of an audit log.", "Give the log of the portal's home coordinator; the portal reports to it hourly.") { Exit = ExitCode.Failed };
    }

    private static string Words(AuditFault fault) => fault switch
    {
        AuditFault.HeaderInvalid => "the first line is not that of an exported audit log",
        AuditFault.NotCanonical => "a line is no row in the form that is hashed",
        AuditFault.HashMismatch => "a row is not what its hash was made of",
        AuditFault.SequenceBreak => "a row is not at its place",
        AuditFault.HashChainBreak => "a row does not follow the one before it",
        AuditFault.RowsMissing => "rows are missing at the end",
        _ => "the first line names another last row",
    };

    private static string Word(AuditFault fault) => JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.ToString());
}
