using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>Writes of agents' rows. Each makes the next revision, which the directory is told inside the transaction.</summary>
internal static class AgentRows
{
    /// <summary>
    /// Writes what registration decides: key, owner, approval, capabilities. A link to another account stays while the owner does. False when the row is no longer the one that was looked at; the caller decides
    /// anew.
    /// </summary>
    /// <param name="batch">Transaction.</param>
    /// <param name="seenRevision">Revision that was looked at; 0 when there was no row.</param>
    /// <param name="row">The row as it shall be; its own revision is not read.</param>
    /// <param name="directory">Told of the revision.</param>
    public static bool Put(IStoreBatch batch, long seenRevision, AgentRow row, AgentDirectory directory)
    {
        if (seenRevision == 0)
        {
            if (!batch.TryInsert(row with { Revision = 1 }))
            {
                return false;
            }
        }
        else if (batch.Execute(
            """
            UPDATE agents SET revision = $2 + 1, public_key_pem = $3, public_key_sha256 = $4, key_id = $5, x25519_public_key = $6, ever_sealed = $7, owner_account_id = $8,
                reward_account_id = COALESCE((SELECT o.account_id FROM agent_ownership o WHERE o.agent_id = $1 AND agents.owner_account_id = $8), $9),
                tenants = $10, enrolled_by = $11, approved = $12, approval_reason = $13, cv = $14, faults = $15, os = $16, program_version = $17, mode = $18, device_id = $19, client_type = $20,
                local_model_provider = $21, max_concurrent_tasks = $22, sandbox_mode = $23, sandbox_digest = $24, models_json = $25, integrity = $26, source_ip = $27, bound_at_ms = $28, updated_at_ms = $29
            WHERE agent_id = $1 AND revision = $2
            """,
            row.AgentId, seenRevision, row.PublicKeyPem, row.PublicKeySha256, row.KeyId, row.X25519PublicKey, row.EverSealed, row.OwnerAccountId, row.RewardAccountId,
            row.Tenants, row.EnrolledBy, row.Approved, row.ApprovalReason, row.Cv, row.Faults, row.Os, row.ProgramVersion, row.Mode, row.DeviceId, row.ClientType,
            row.LocalModelProvider, row.MaxConcurrentTasks, row.SandboxMode, row.SandboxDigest, row.ModelsJson, row.Integrity, row.SourceIp, row.BoundAtMs, row.UpdatedAtMs) == 0)
        {
            return false;
        }

        batch.TryInsert(new AgentKeyRow { AgentId = row.AgentId, PublicKeySha256 = row.PublicKeySha256, PublicKeyPem = row.PublicKeyPem, BoundAtMs = row.BoundAtMs });
        directory.Expect(row.AgentId, seenRevision + 1);
        return true;
    }

    /// <summary>Whether a key was bound to an agent before and has been replaced.</summary>
    public static bool WasReplaced(IStoreBatch batch, string agentId, string keySha256, string? boundKeySha256) =>
        keySha256 != boundKeySha256 && batch.Query("SELECT 1 FROM agent_keys WHERE agent_id = $1 AND public_key_sha256 = $2", r => r.Number(0), agentId, keySha256).Count > 0;

    /// <summary>Runs an <c>UPDATE agents SET …, revision = revision + 1 WHERE agent_id = $1 … RETURNING revision</c>; false when no row was changed.</summary>
    public static bool Change(IStoreBatch batch, AgentDirectory directory, string agentId, string sql, params ReadOnlySpan<object?> values)
    {
        if (batch.Query(sql, r => r.Number(0), [agentId, .. values]) is not [var revision])
        {
            return false;
        }

        directory.Expect(agentId, revision);
        return true;
    }
}
