using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Protocol.Canonical;

namespace EdgeCoder.Protocol.OperatorAudit;

/// <summary>
/// One row of the operators' audit log (portal-and-control-plane 10.3). Its hash is SHA-256("edgecoder-audit-v1" ‖ 0x00 ‖ RFC 8785 form of all members but <c>hash</c>), and
/// <c>prevHash</c> is the hash of the row before it, so a row that was changed, left out or put in shows.
/// </summary>
public sealed record AuditLine
{
    /// <summary>What stands for the hash of a row before the first.</summary>
    public const string Genesis = "AUDIT_GENESIS";

    private static readonly byte[] Label = "edgecoder-audit-v1\0"u8.ToArray();

    /// <summary>Place in the log, from 1, without gaps.</summary>
    public required long Seq { get; init; }

    /// <summary>When, Unix milliseconds.</summary>
    public required long AtMs { get; init; }

    /// <summary>Who: <c>user:ID</c>, <c>console</c>, <c>policy:NAME</c>, <c>service:NAME</c>, <c>token:ID</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>Over what: <c>session</c>, <c>sign-in</c>, <c>link</c>, <c>console</c>, <c>service</c>, <c>program</c>.</summary>
    public required string Via { get; init; }

    /// <summary>What was done, as <c>role.granted</c>.</summary>
    public required string Action { get; init; }

    /// <summary>To what: <c>kind:ID</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Whose concern it is besides actor and target, as <c>user:ID</c> of a node's owner; null for nobody's.</summary>
    public string? About { get; init; }

    /// <summary>Canonical JSON of what was; null where nothing was.</summary>
    public string? Before { get; init; }

    /// <summary>Canonical JSON of what is; null where nothing is.</summary>
    public string? After { get; init; }

    /// <summary>Why, in the actor's words.</summary>
    public string? Reason { get; init; }

    /// <summary>Change request that it executes or concerns.</summary>
    public string? ChangeId { get; init; }

    /// <summary>Evidence kept elsewhere, as <c>stepup:ID</c>.</summary>
    public string? EvidenceRef { get; init; }

    /// <summary>Trace of the request; null where there was none.</summary>
    public string? TraceId { get; init; }

    /// <summary>Hash of the row before; <see cref="Genesis"/> for the first.</summary>
    public required string PrevHash { get; init; }

    /// <summary>Hash of this row, hex.</summary>
    public string ComputeHash() => HashOf(CanonicalJson.Write(Members()));

    /// <summary>The row as a line of a dump: canonical JSON with its hash.</summary>
    public byte[] Write(string hash)
    {
        var members = Members();
        members["hash"] = hash;
        return CanonicalJson.Write(members);
    }

    /// <summary>Hash of the canonical form of a row without its hash.</summary>
    internal static string HashOf(ReadOnlySpan<byte> canonical) => Convert.ToHexStringLower(SHA256.HashData([.. Label, .. canonical]));

    private JsonObject Members()
    {
        var members = new JsonObject { ["seq"] = Seq, ["atMs"] = AtMs, ["actor"] = Actor, ["via"] = Via, ["action"] = Action, ["target"] = Target, ["prevHash"] = PrevHash };
        Add("about", About);
        Add("reason", Reason);
        Add("changeId", ChangeId);
        Add("evidenceRef", EvidenceRef);
        Add("traceId", TraceId);
        if (Before is not null)
        {
            members["before"] = JsonNode.Parse(Encoding.UTF8.GetBytes(Before));
        }

        if (After is not null)
        {
            members["after"] = JsonNode.Parse(Encoding.UTF8.GetBytes(After));
        }

        return members;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                members[name] = value;
            }
        }
    }
}
