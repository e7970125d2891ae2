using System.Text.Json;
using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Ledger.Issuance;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Transfers;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Quorum;

/// <summary>What was found about an epoch.</summary>
/// <param name="EpochId">The epoch; of a movement without one, its transfer.</param>
/// <param name="Reason">What is wrong; null: everything was come to again.</param>
/// <param name="SlotPoolMc">What it issued.</param>
/// <param name="Approvals">Members who approved.</param>
public sealed record IssuanceFinding(string EpochId, string? Reason, long SlotPoolMc = 0, int Approvals = 0);

/// <summary>
/// Checks issuance from logs alone (economy-and-ledger 8.2), each of which was verified before: of every epoch that a log calls final 1. the proposal, signed by its author; 2. the votes of its members, signed, enough of them;
/// 3. every figure from the contributions in the logs that it names; 4. in the log of each home that is here, one movement for each allocation; 5. no movement of issuance without an epoch. How large a day's pool is follows from
/// settings of the members and is taken as they agreed on it.
/// </summary>
public static class IssuanceVerifier
{
    /// <summary>The proposal that a commit names is in none of the logs.</summary>
    public const string ProposalMissing = "proposal_missing";

    /// <summary>Too few members approved with their own keys.</summary>
    public const string QuorumNotReached = "quorum_not_reached";

    /// <summary>A log that the proposal was calculated from is not here, or ends before.</summary>
    public const string LogMissing = "log_missing";

    /// <summary>The figures are not those of the logs.</summary>
    public const string RecomputationMismatch = "recomputation_mismatch";

    /// <summary>A home has not posted an allocation.</summary>
    public const string TransferMissing = "transfer_missing";

    /// <summary>A home posted another amount, to another account, or twice.</summary>
    public const string TransferDiffers = "transfer_differs";

    /// <summary>Credits were issued that no epoch issues.</summary>
    public const string IssuedWithoutEpoch = "issued_without_epoch";

    private const string QuorumRecordType = "quorum_record";

    /// <summary>Checks them; one finding for each epoch in order of their ids, then those of movements without one.</summary>
    /// <param name="logs">Records by coordinator, each a whole log from its first.</param>
    /// <param name="keysOf">Keys of a coordinator that are trusted.</param>
    public static IReadOnlyList<IssuanceFinding> Check(IReadOnlyDictionary<string, IReadOnlyList<RecordLeaf>> logs, Func<string, IReadOnlyList<VerifyingKey>> keysOf)
    {
        var records = logs.SelectMany(log => log.Value).Where(leaf => leaf.Record.EventType == QuorumRecordType)
            .Select(leaf => leaf.Record.PayloadJson is { } payload && SignedQuorumRecord.TryRead(payload, out var signed) is null ? signed : null).OfType<SignedQuorumRecord>()
            .Where(signed => signed.HasItsHash && keysOf(signed.Record.CoordinatorId).Any(signed.IsSignedBy)).DistinctBy(signed => signed.Hash).ToList();
        var posted = Posted(logs);
        var expected = new HashSet<(string Home, string TransferId)>();
        List<IssuanceFinding> findings = [];
        foreach (var epoch in records.Where(one => one.Record.RecordType == QuorumRecordTypes.Commit).GroupBy(one => one.Record.EpochId, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            // Several members commit the same; one that names another proposal is an epoch of its own.
            foreach (var hash in epoch.Select(commit => ProposalOf(commit)).Distinct(StringComparer.Ordinal))
            {
                findings.Add(Epoch(epoch.Key, hash, records, logs, posted, expected));
            }
        }

        findings.AddRange(posted.Keys.Where(one => !expected.Contains(one)).OrderBy(one => one.TransferId, StringComparer.Ordinal).Select(one => new IssuanceFinding(one.TransferId, IssuedWithoutEpoch)));
        return findings;
    }

    private static IssuanceFinding Epoch(
        string epochId, string? hash, List<SignedQuorumRecord> records, IReadOnlyDictionary<string, IReadOnlyList<RecordLeaf>> logs, Dictionary<(string Home, string TransferId), List<(string Account, long AmountMc)>> posted,
        HashSet<(string Home, string TransferId)> expected)
    {
        // 1.
        var proposed = records.FirstOrDefault(one => one.Record.RecordType == QuorumRecordTypes.Proposal && one.Record.EpochId == epochId && one.ContentHash == hash);
        if (proposed is null || Read(proposed) is not { } proposal || IssuanceTerms.EpochId(proposal.WindowEndMs) != epochId || !proposal.Members.Contains(proposed.Record.CoordinatorId, StringComparer.Ordinal))
        {
            return new(epochId, ProposalMissing);
        }

        // 2.
        var tally = QuorumTally.Of(hash!, [.. proposal.Members], records.Where(one => one.Record.RecordType == QuorumRecordTypes.Vote && one.Record.EpochId == epochId));
        if (tally.Outcome != QuorumOutcome.Final)
        {
            return new(epochId, QuorumNotReached, proposal.SlotPoolMc, tally.Approvals.Count);
        }

        // 3.
        if (proposal.Sources.Any(source => !logs.TryGetValue(source.CoordinatorId, out var log) || log.Count < source.Size))
        {
            return new(epochId, LogMissing, proposal.SlotPoolMc, tally.Approvals.Count);
        }

        var work = proposal.Sources.SelectMany(source => logs[source.CoordinatorId].Take((int)source.Size)).Select(Contributed).OfType<Contribution>().ToList();
        if (TermsOf(proposal) is not { } terms || !proposal.IsRecomputed(terms, work))
        {
            return new(epochId, RecomputationMismatch, proposal.SlotPoolMc, tally.Approvals.Count);
        }

        // 4.
        string? wrong = null;
        foreach (var allocation in IssuanceFigures.Of(terms, proposal.Inputs(), proposal.WindowEndMs, work)!.Allocations.Where(one => one.IssuedMc > 0 && logs.ContainsKey(one.HomeCoordinatorId)))
        {
            var id = (allocation.HomeCoordinatorId, TransferId.Of("issuance", $"{epochId}\n{allocation.AccountId}"));
            expected.Add(id);
            wrong ??= !posted.TryGetValue(id, out var found) ? TransferMissing : found is [var one] && one == (allocation.AccountId, allocation.IssuedMc) ? null : TransferDiffers;
        }

        return new(epochId, wrong, proposal.SlotPoolMc, tally.Approvals.Count);
    }

    private static string? ProposalOf(SignedQuorumRecord commit)
    {
        try
        {
            return commit.Record.PayloadJson.Deserialize(LedgerJson.Default.IssuanceCommit)?.ProposalHash;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IssuanceProposal? Read(SignedQuorumRecord signed)
    {
        try
        {
            return signed.Record.PayloadJson.Deserialize(LedgerJson.Default.IssuanceProposal);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Terms that come to the day's pool that was agreed on, and a smoothing that comes to the load; null where none does.
    private static IssuanceTerms? TermsOf(IssuanceProposal proposal)
    {
        if (proposal.SlotMs <= 0 || proposal.WindowEndMs - proposal.WindowStartMs < proposal.SlotMs || proposal.DailyPoolMc < 0)
        {
            return null;
        }

        var day = new Millicredits(proposal.DailyPoolMc);
        for (var alpha = 100; alpha <= 10_000; alpha++)
        {
            if (LoadIndex.Smoothed(proposal.PreviousLoad, proposal.RawLoad, alpha) == proposal.Load)
            {
                return new(new(day, day, day, 0), alpha, proposal.SlotMs, proposal.WindowEndMs - proposal.WindowStartMs);
            }
        }

        return null;
    }

    private static Contribution? Contributed(RecordLeaf leaf)
    {
        if (leaf.Record.EventType != RecordTypes.EarningsAccrual || leaf.Record.PayloadJson is not { } said)
        {
            return null;
        }

        try
        {
            return new(
                leaf.Record.CoordinatorId, said.GetProperty("accountId").GetString()!, said.GetProperty("weightMicro").GetInt64(), leaf.Record.IssuedAtMs, said.GetProperty("verdict").GetString() == "accepted",
                said.GetProperty("sameOwner").GetBoolean());
        }
        catch (Exception fault) when (fault is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static Dictionary<(string Home, string TransferId), List<(string Account, long AmountMc)>> Posted(IReadOnlyDictionary<string, IReadOnlyList<RecordLeaf>> logs)
    {
        var posted = new Dictionary<(string, string), List<(string, long)>>();
        foreach (var (home, leaves) in logs)
        {
            foreach (var leaf in leaves)
            {
                if (leaf.Record is { EventType: RecordTypes.CreditTransfer, PayloadJson: { } said } && Text(said, "code") == TransferCodes.Issuance && Text(said, "transferId") is { } id
                    && said.TryGetProperty("amount", out var amount) && amount.TryGetInt64(out var mc))
                {
                    (posted.TryGetValue((home, id), out var known) ? known : posted[(home, id)] = []).Add((Text(said, "creditAccountId") ?? "", mc));
                }
            }
        }

        return posted;
    }

    private static string? Text(JsonElement said, string name) => said.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
