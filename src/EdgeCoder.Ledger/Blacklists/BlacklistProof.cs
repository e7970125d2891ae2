using System.Text.Json;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Ledger.Blacklists;

/// <summary>A result that an agent stands for.</summary>
/// <param name="Statement">The exact bytes that it signed, base64.</param>
/// <param name="Signature">Its signature of them, base64.</param>
public sealed record ReportEvidence(string Statement, string Signature);

/// <summary>
/// The evidence of a ban that no person decided (economy-and-ledger 14), with the signed bytes themselves: whoever knows the keys can check it without asking anybody. There are two rules.
/// P1: a result that claims success, and two verifiers who refute it. P2: two different results for one lease. A signature that does not verify proves nothing about anybody.
/// </summary>
public sealed record BlacklistProof
{
    /// <summary>Two verifiers refute what the agent claims.</summary>
    public const string Refuted = "P1";

    /// <summary>Two results for one lease.</summary>
    public const string TwoResults = "P2";

    /// <summary>Most bytes of an evidence.</summary>
    public const int MostBytes = 65_536;

    /// <summary>Version of the form; 1.</summary>
    public required int V { get; init; }

    /// <summary><see cref="Refuted"/> or <see cref="TwoResults"/>.</summary>
    public required string Rule { get; init; }

    /// <summary>One report for P1, two for P2.</summary>
    public required IReadOnlyList<ReportEvidence> Reports { get; init; }

    /// <summary>P1: exact bytes of the signed verdicts, base64.</summary>
    public IReadOnlyList<string>? Verdicts { get; init; }

    /// <summary>The canonical bytes, whose SHA-256 an event names.</summary>
    public byte[] Content() => CanonicalJson.Write(this, LedgerJson.Default.BlacklistProof);

    /// <summary>Code of the reason that a rule proves.</summary>
    public static string ReasonOf(string rule) => rule == Refuted ? BlacklistReasons.ForgedResults : BlacklistReasons.CredentialAbuse;

    /// <summary>The rule that an evidence proves of an agent; null when it proves none. Never throws.</summary>
    /// <param name="evidence">The bytes.</param>
    /// <param name="agentId">Whom they shall be about.</param>
    /// <param name="keyOf">Keys of the agent and of verifiers, as they are known here; never those that somebody sends along.</param>
    public static string? RuleOf(byte[] evidence, string agentId, Func<string, VerifyingKey?> keyOf) => Of(evidence, agentId, id => keyOf(id) is { } key ? [key] : [])?.Rule;

    /// <summary>The same where each may have had several keys that counted when it signed.</summary>
    /// <param name="evidence">The bytes.</param>
    /// <param name="agentId">Whom they shall be about.</param>
    /// <param name="keysOf">Keys of the agent and of verifiers that counted at the time, as they are known here.</param>
    public static ProvenRule? Of(byte[] evidence, string agentId, Func<string, IReadOnlyList<VerifyingKey>> keysOf)
    {
        if (evidence.Length > MostBytes || Read(evidence) is not { V: 1 } proof)
        {
            return null;
        }

        var reports = proof.Reports.Select(report => Read(report, agentId, keysOf(agentId))).ToList();
        return proof switch
        {
            { Rule: TwoResults, Verdicts: null } when reports is [var (one, key), var (other, _)] && one.LeaseId == other.LeaseId && one.ResultDigest != other.ResultDigest => new(TwoResults, key),
            { Rule: Refuted, Verdicts: { } verdicts } when reports is [var (claimed, key)] && claimed.Ok && AreRefuting(verdicts, claimed, keysOf) => new(Refuted, key),
            _ => null,
        };
    }

    // Two verifiers of whom none is the agent; a rejection for a failing check is given after a second run only (coordinator-and-mesh 5.2).
    private static bool AreRefuting(IReadOnlyList<string> signed, ReportStated claimed, Func<string, IReadOnlyList<VerifyingKey>> keysOf)
    {
        List<Verdict> verdicts = [];
        foreach (var one in signed)
        {
            if (Base64Text.TryRead(one) is not { } bytes
                || SignedDocument.Read(bytes, MeshJson.Default.Verdict) is not { Kind: VerdictKind.Rejected, ReasonCode: VerdictReasons.CheckFailed or VerdictReasons.TestsMissing, CheckDigest: not null } verdict
                || verdict.LeaseId != claimed.LeaseId || verdict.SubtaskId != claimed.SubtaskId || verdict.ResultDigest != claimed.ResultDigest || verdict.VerifierId == claimed.AgentId
                || keysOf(verdict.VerifierId).All(key => SignedDocument.Verify(DocumentContexts.Verdict, bytes, key) is not null))
            {
                return false;
            }

            verdicts.Add(verdict);
        }

        return verdicts.Select(v => v.VerifierId).Distinct(StringComparer.Ordinal).Count() >= 2 && verdicts.DistinctBy(v => (v.InputHash, v.OutputHash, v.CheckDigest)).Count() == 1;
    }

    private static BlacklistProof? Read(byte[] evidence)
    {
        try
        {
            return CanonicalJson.IsCanonical(evidence) ? JsonSerializer.Deserialize(evidence, LedgerJson.Default.BlacklistProof) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static (ReportStated Stated, VerifyingKey Key)? Read(ReportEvidence report, string agentId, IReadOnlyList<VerifyingKey> keys)
    {
        try
        {
            return Base64Text.TryRead(report.Statement) is { } bytes && CanonicalJson.IsCanonical(bytes)
                && keys.FirstOrDefault(key => SignedDocument.VerifyDetached(DocumentContexts.Report, bytes, report.Signature, key)) is { } signer
                && JsonSerializer.Deserialize(bytes, LedgerJson.Default.ReportStated) is { V: 1 } stated && stated.AgentId == agentId
                ? (stated, signer)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A rule that is proven.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Key">The agent's key that signed the first result.</param>
public sealed record ProvenRule(string Rule, VerifyingKey Key);

/// <summary>What an agent signs of a result (coordinator-and-mesh 2.1), as it is read here.</summary>
public sealed record ReportStated
{
    /// <summary>Signer.</summary>
    public required string AgentId { get; init; }

    /// <summary>Lease.</summary>
    public required string LeaseId { get; init; }

    /// <summary>Whether it claims success.</summary>
    public required bool Ok { get; init; }

    /// <summary>Makes the signature one of a kind.</summary>
    public required string ReportNonce { get; init; }

    /// <summary>Names the result.</summary>
    public required string ResultDigest { get; init; }

    /// <summary>Sub-task.</summary>
    public required string SubtaskId { get; init; }

    /// <summary>Version; 1.</summary>
    public required int V { get; init; }
}
