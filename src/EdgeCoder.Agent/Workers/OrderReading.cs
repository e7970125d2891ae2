using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Envelopes;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Agent.Workers;

/// <summary>Opens an assignment and checks it against its lease (coordinator-and-mesh 4.4, 6): signature of the home, agent, subtask and hash of the input.</summary>
internal static class OrderReading
{
    /// <summary>The order, or the reason for which the lease is given back.</summary>
    public static (WorkOrder? Order, string? Refusal) Read(Assignment assignment, ICoordinator coordinator, WorkerKeys keys, AgentPolicy policy, long nowMs)
    {
        var lease = assignment.Lease;
        if (!IsSigned(assignment, coordinator.Who, nowMs) || lease.AgentId != keys.AgentId)
        {
            return (null, ReleaseReasons.Lease);
        }

        // An agent with an envelope key takes nothing in the clear.
        if (assignment.Envelope is not { } envelope || envelope.LeaseId != lease.LeaseId || envelope.SubtaskId != lease.SubtaskId || envelope.AgentId != keys.AgentId)
        {
            return (null, ReleaseReasons.Envelope);
        }

        if (!EnvelopeOpener.TryOpen(envelope, keys.Envelope, out var plaintext, out var secret) || Parse(plaintext) is not { } subtask)
        {
            return (null, ReleaseReasons.Envelope);
        }

        if (subtask.Id != lease.SubtaskId || subtask.SnapshotDigest != lease.SnapshotDigest || InputHash(subtask) != lease.InputHash)
        {
            return (null, ReleaseReasons.Lease);
        }

        return (new() { Lease = lease, Subtask = subtask, Policy = policy, Coordinator = coordinator, Key = keys.Signing, ExporterSecret = secret, EphemeralPublicKey = envelope.EphemeralPublicKey }, null);
    }

    /// <summary>Hex SHA-256 of inputSalt ‖ input; null for a salt that is not base64.</summary>
    internal static string? InputHash(SubtaskOrder subtask) =>
        Base64Text.TryRead(subtask.InputSalt) is { } salt ? Convert.ToHexStringLower(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(subtask.Input)])) : null;

    /// <summary>Whether the lease is the home's own, signed with a key that counts now.</summary>
    internal static bool IsSigned(Assignment assignment, FoundCoordinator home, long nowMs)
    {
        if (Base64Text.TryRead(assignment.SignedLease) is not { } signed
            || !home.HasSigned(DocumentContexts.Lease, signed, nowMs)
            || SignedDocument.Read(signed, MeshJson.Default.Lease) is not { } lease)
        {
            return false;
        }

        // What reads beside the signed bytes must say the same as they do.
        return lease.HomeCoordinatorId == home.PeerId && lease with { Signature = null } == assignment.Lease with { Signature = null };
    }

    private static SubtaskOrder? Parse(byte[] plaintext)
    {
        try
        {
            return JsonSerializer.Deserialize(plaintext, MeshJson.Default.SubtaskOrder);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
