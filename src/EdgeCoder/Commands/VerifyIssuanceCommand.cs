using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder verify issuance</c> (docs/issuance.md): whether the credits that logs call issued follow from those logs. No network is used.</summary>
internal static class VerifyIssuanceCommand
{
    private const string OriginStart = "edgecoder/";

    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json, Option<string[]> trust, Func<IReadOnlyList<string>, TrustedKeys> trusted)
    {
        var folders = new Argument<string[]>("folder") { Description = "Exported logs of the members (edgecoder ledger export).", Arity = ArgumentArity.OneOrMore };
        var command = new Command("issuance", "Calculate every epoch of exported logs again. Exit code: 0 all follow from the logs; 1 one does not, with its reason; 2 a log is missing that one was calculated from.") { folders, trust };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            cancellation => Task.FromResult(Check(surroundings, arguments.GetValue(folders)!, trusted(arguments.GetValue(trust) ?? []), arguments.GetValue(json), cancellation)),
            cancellationToken));
        return command;
    }

    private static ExitCode Check(Surroundings surroundings, string[] folders, TrustedKeys trust, bool json, CancellationToken cancellationToken)
    {
        if (trust.Keys.Count == 0)
        {
            throw new UsageException("trust_missing", "Whose votes count is decided by keys that you trust.", "Give the key of each member with --trust.");
        }

        var logs = new Dictionary<string, IReadOnlyList<RecordLeaf>>(StringComparer.Ordinal);
        foreach (var folder in folders)
        {
            var files = new TileFolder(Path.GetFullPath(folder, surroundings.Directory));
            var verdict = LogVerifier.Check(files, trust, null, cancellationToken);
            if (verdict.Standing != ReceiptStanding.Proven)
            {
                throw new UsageException("log_wrong", $"The log in {folder} is not proven ({verdict.Finding?.Reason.ToString() ?? "no key of it is trusted"}).", "Look at it with: edgecoder verify ledger") { Exit = ExitCode.Failed };
            }

            logs[verdict.Checkpoint!.Origin[OriginStart.Length..]] = Leaves(files, verdict.Checkpoint);
        }

        var findings = IssuanceVerifier.Check(logs, id => [.. trust.Of(Checkpoint.OriginOf(id)).Select(key => key.Key)]);
        return Say(surroundings, json, findings);
    }

    // The log was checked just now; what is read is what was checked.
    private static List<RecordLeaf> Leaves(TileFolder files, Checkpoint checkpoint)
    {
        var leaves = new List<RecordLeaf>();
        for (long index = 0; index * TilePath.Width < checkpoint.Size; index++)
        {
            var (at, width) = (index, TileHashes.WidthOf(checkpoint.Size, 0, index));
            foreach (var bytes in EntryBundle.Read(files.ReadAtLeast(wide => TilePath.Entries(at, wide), width)!)!.Take(width))
            {
                leaves.Add(RecordLeaf.TryRead(bytes, out var leaf) is null ? leaf! : throw new IOException("The log changed while it was read."));
            }
        }

        return leaves;
    }

    private static ExitCode Say(Surroundings surroundings, bool json, IReadOnlyList<IssuanceFinding> findings)
    {
        var wrong = findings.Where(one => one.Reason is not null and not IssuanceVerifier.LogMissing).ToList();
        var open = findings.Count(one => one.Reason == IssuanceVerifier.LogMissing);
        if (json)
        {
            var shown = new JsonArray([.. findings.Select(one =>
            {
                var said = new JsonObject { ["epochId"] = one.EpochId, ["ok"] = one.Reason is null, ["slotPoolMc"] = one.SlotPoolMc, ["approvals"] = one.Approvals };
                if (one.Reason is { } reason)
                {
                    said["reason"] = reason;
                }

                return (JsonNode)said;
            })]);
            surroundings.Output.WriteLine(new JsonObject { ["ok"] = wrong.Count == 0 && open == 0, ["epochs"] = shown }.ToJsonString());
        }
        else
        {
            foreach (var one in findings)
            {
                surroundings.Console.WriteLine(SafeText.ForTerminal(one.Reason is null
                    ? string.Create(CultureInfo.InvariantCulture, $"  ✓ {one.EpochId}: {one.SlotPoolMc / 1000m:0.000} credits, approved by {one.Approvals}")
                    : $"  ✗ {one.EpochId}: {one.Reason}"));
            }

            surroundings.Console.WriteLine(wrong.Count > 0 ? "Not everything that was issued follows from these logs." : open > 0 ? "Logs are missing that epochs were calculated from; give them too." : $"{findings.Count} epochs follow from these logs.");
        }

        return wrong.Count > 0 ? ExitCode.Failed : open > 0 ? ExitCode.Usage : ExitCode.Success;
    }
}
