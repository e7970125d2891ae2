using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;

namespace EdgeCoder.Coordinator.Log;

/// <summary>What the log says of nodes (economy-and-ledger 10). Reasons that are words of a person are left out: operators read them in the agent's row.</summary>
internal static class NodeEvents
{
    private const string Kind = "agent";
    private const string PeerKind = "coordinator";

    /// <summary>A key was bound, or changed by rotation.</summary>
    public static void Validation(IStoreBatch batch, string agentId, string reason, long nowMs) => LogOutbox.Append(
        batch, RecordTypes.NodeValidation, $"{Kind}:{agentId}", null, agentId,
        JsonSerializer.Serialize(new(true, Kind, LogOutbox.IsCode(reason) ? reason : "other"), NodeEventJson.Default.ValidationPayload), nowMs);

    /// <summary>An operator, or the portal, has decided whether a node may work.</summary>
    public static void Approval(IStoreBatch batch, string agentId, string operatorId, bool approved, string? reason, long nowMs) => LogOutbox.Append(
        batch, RecordTypes.NodeApproval, $"{Kind}:{agentId}", null, agentId,
        JsonSerializer.Serialize(new(LogOutbox.IsCode(reason) ? reason : null, approved, LogOutbox.IsCode(operatorId) ? operatorId : "operator"), NodeEventJson.Default.ApprovalPayload), nowMs);

    /// <summary>The same of a peer.</summary>
    public static void PeerApproval(IStoreBatch batch, string peerId, string operatorId, bool approved, string reason, long nowMs) => LogOutbox.Append(
        batch, RecordTypes.NodeApproval, $"{PeerKind}:{peerId}", null, peerId,
        JsonSerializer.Serialize(new(reason, approved, LogOutbox.IsCode(operatorId) ? operatorId : "operator"), NodeEventJson.Default.ApprovalPayload), nowMs);
}

/// <summary>Payload of <c>node_validation</c>.</summary>
internal sealed record ValidationPayload(bool Allowed, string NodeKind, string Reason);

/// <summary>Payload of <c>node_approval</c>; the reason is null where it is none of the program's codes.</summary>
internal sealed record ApprovalPayload(string? ActivationReason, bool Approved, string OperatorId);

/// <summary>How they are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ValidationPayload))]
[JsonSerializable(typeof(ApprovalPayload))]
internal sealed partial class NodeEventJson : JsonSerializerContext;
