using System.Text;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Treasury;

/// <summary>
/// Takes acts of custody (economy-and-ledger 7): each is signed by its actor's own enrolled key over the exact canonical document, of now, and kept once, as a row and as a leaf of the log.
/// </summary>
internal sealed class CustodyEvents(CoordinatorIdentity identity, TreasuryOptions options)
{
    private const int MostDetails = 256;

    /// <summary>The act that was taken before under this id; null when there is none. Throws 409 <c>event_id_conflict</c> where it was another.</summary>
    public static CustodyEventRow? Before(IStoreBatch batch, CustodyEvent signed) => TreasuryRows.FindEvent(batch, signed.EventId) switch
    {
        null => null,
        { } row when row.Document.AsSpan().SequenceEqual(Bytes(signed)) => row,
        _ => throw new Refusal(409, "event_id_conflict", "Another act was taken under this eventId. Use a new one."),
    };

    /// <summary>Reads an act. Throws 400 <c>validation_failed</c>.</summary>
    public static CustodyEvent Read(string policyId, CustodyAction action, string details, CustodyRequest request)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, ClientId.IsValid(policyId), "policyId", FieldRules.IdRule);
        FieldRules.Require(issues, ClientId.IsValid(request.EventId), "eventId", FieldRules.IdRule);
        FieldRules.Require(issues, ClientId.IsValid(request.RequestedBy), "requestedBy", FieldRules.IdRule);
        FieldRules.Require(issues, Base64Text.TryRead(request.Signature) is { Length: 64 }, "signature", "Ed25519, 64 bytes as padded base64");
        FieldRules.Require(issues, request.CreatedAtMs is > 0, "createdAtMs", "milliseconds since the Unix epoch");
        FieldRules.Require(issues, details.Length is > 0 and <= MostDetails && details.All(letter => letter is > ' ' and <= '~'), "details", $"1 to {MostDetails} ASCII characters without spaces");
        FieldRules.ThrowIfAny(issues);
        return new(1, request.EventId!, policyId, request.RequestedBy!, EnumText.Of(action), details, request.CreatedAtMs!.Value, request.Signature);
    }

    /// <summary>
    /// Takes an act of one of these actors. Throws 400 <c>custody_event_stale</c>, <c>custody_signature_invalid</c>, 403 <c>custodian_required</c>, <c>custody_key_unknown</c>.
    /// </summary>
    public CustodyEventRow Take(IStoreBatch batch, CustodyEvent signed, IEnumerable<string> allowed, long nowMs)
    {
        if (!allowed.Contains(signed.ActorId, StringComparer.Ordinal))
        {
            throw new Refusal(403, "custodian_required", "This act is a custodian's of this policy.");
        }

        if (Math.Abs(nowMs - signed.CreatedAtMs) > options.SkewMs)
        {
            throw new Refusal(400, "custody_event_stale", "createdAtMs is too far from this coordinator's time. Sign it now.");
        }

        var key = Key(batch, signed.ActorId) ?? throw new Refusal(403, "custody_key_unknown", "No key is enrolled here for requestedBy. Enrol the custodian's node and approve it.");
        if (!SignedDocument.VerifyDetached(DocumentContexts.CustodyEvent, Bytes(signed with { Signature = null }), signed.Signature, key))
        {
            throw new Refusal(400, "custody_signature_invalid", "The signature is not of requestedBy's enrolled key over this very act.");
        }

        var row = new CustodyEventRow
        {
            EventId = signed.EventId,
            PolicyId = signed.PolicyId,
            ActorId = signed.ActorId,
            Action = EnumText.Parse<CustodyAction>(signed.Action),
            Details = signed.Details,
            Document = Bytes(signed),
            Signature = signed.Signature!,
            CreatedAtMs = signed.CreatedAtMs,
        };
        batch.Insert(row);
        LogOutbox.Append(batch, "treasury_event", signed.EventId, null, signed.ActorId, Encoding.UTF8.GetString(row.Document), nowMs);
        return row;
    }

    /// <summary>The canonical bytes of an act, with its signature where it has one.</summary>
    internal static byte[] Bytes(CustodyEvent custody) => CanonicalJson.Write(custody, TreasuryJson.Default.CustodyEvent);

    private VerifyingKey? Key(IStoreBatch batch, string actorId)
    {
        if (actorId == identity.PeerId)
        {
            return identity.Key.PublicKey;
        }

        return batch.Query("SELECT public_key_pem FROM agents WHERE agent_id = $1 AND approved = $2", row => row.Text(0), actorId, true) is [var pem] && VerifyingKey.TryParse(pem, out var key) ? key : null;
    }
}

/// <summary>What acts of custody are held to.</summary>
/// <param name="SkewMs"><c>SECURITY_MAX_SKEW_MS</c>.</param>
internal sealed record TreasuryOptions(long SkewMs);
