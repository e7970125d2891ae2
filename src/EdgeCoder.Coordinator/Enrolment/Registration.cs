using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Releases;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Power;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>
/// <c>POST /register</c> (coordinator-and-mesh 3.1). The request's signature with the key in its body is checked before. A refusal writes nothing.
/// </summary>
internal sealed class Registration(
    AgentDirectory directory, AgentSightings sightings, Blacklist blacklist, NodePortalClient portal, IStoreWriter writer, ITaskQueue queue, CoordinatorIdentity identity, AgentOptions options,
    KnownReleases releases, SecurityLog security, TimeProvider time)
{
    private const int Tries = 5;

    /// <summary>How far an agent's clock may be off.</summary>
    private const long SkewMs = 120_000;

    /// <summary>
    /// Registers. Throws <see cref="Refusal"/>: 400 <c>validation_failed</c>; 403 <c>agent_blacklisted</c>, <c>binary_integrity_failed</c>,
    /// <c>node_not_activated</c>; 409 <c>agent_key_mismatch</c>.
    /// </summary>
    public async Task<RegisterAnswer> RegisterAsync(RegisterRequest request, string? sourceIp, CancellationToken cancellationToken)
    {
        // 1. Shape.
        var issues = RegisterRules.Check(request);
        var key = VerifyingKey.TryParse(request.PublicKeyPem, out var parsed) ? parsed : null;
        FieldRules.Require(issues, key is not null, "publicKeyPem", "an Ed25519 key as SPKI PEM");
        var bindsEnvelopeKey = request.X25519PublicKey is not null;
        FieldRules.Require(
            issues, key is null || !bindsEnvelopeKey || X25519Binding.Verify(request.AgentId!, request.X25519PublicKey, request.X25519Signature, key), "x25519Signature",
            "a signature of the X25519 key by the agent's key");
        FieldRules.ThrowIfAny(issues);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();

        // 2. Blacklist: the id, and every key that a banned agent ever had.
        var bans = await blacklist.ActiveAsync(cancellationToken).ConfigureAwait(false);
        if (bans.Of(request.AgentId!, key!.SpkiSha256, nowMs) is { } ban)
        {
            throw AgentGate.Banned(ban.ReasonCode);
        }

        // 3. Integrity.
        var integrity = releases.Judge(request.BinaryIntegrity);
        if (options.RequireVerified && !integrity.IsVerified)
        {
            throw new Refusal(403, "binary_integrity_failed", $"This coordinator admits only verified releases; this program is {integrity}. Install a signed release.") { Reason = integrity.ToString() };
        }

        // 4. Binding, and 5. write: again from the start when the row changed in between.
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var seen = await directory.KnownAsync(request.AgentId!, cancellationToken).ConfigureAwait(false);
            var fresh = Capabilities(request, key, integrity.Status, sourceIp, seen?.Row, nowMs);
            if (await BindAsync(request, key, seen?.Row, fresh, sourceIp, nowMs, cancellationToken).ConfigureAwait(false) is { } written)
            {
                return await AnswerAsync(request, seen?.Row, written, nowMs, cancellationToken).ConfigureAwait(false);
            }
        }

        throw new Refusal(503, "storage_unavailable", "The agent's row is being changed by others again and again. Try again in a moment.") { RetryAfter = 1 };
    }

    /// <summary>Binds the key of the embedded worker of all-in-one and approves it: a call in the process, no address or header grants this.</summary>
    /// <param name="agentId">The worker.</param>
    /// <param name="publicKeyPem">Its key.</param>
    /// <param name="ownerAccountId">Account of the person whose machine this is.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task EnrolEmbeddedAsync(string agentId, string publicKeyPem, string ownerAccountId, CancellationToken cancellationToken)
    {
        if (!VerifyingKey.TryParse(publicKeyPem, out var key))
        {
            throw new ArgumentException("The embedded worker's key is no Ed25519 key.", nameof(publicKeyPem));
        }

        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            var seen = (await directory.KnownAsync(agentId, cancellationToken).ConfigureAwait(false))?.Row;
            if (seen is { Approved: true } && seen.PublicKeySha256 == key.SpkiSha256 && seen.OwnerAccountId == ownerAccountId)
            {
                return;
            }

            var same = seen?.PublicKeySha256 == key.SpkiSha256;
            var row = (seen ?? Blank(agentId, key, nowMs)) with
            {
                PublicKeyPem = key.Pem,
                PublicKeySha256 = key.SpkiSha256,
                KeyId = key.KeyId,
                X25519PublicKey = same ? seen!.X25519PublicKey : null,
                OwnerAccountId = ownerAccountId,
                RewardAccountId = ownerAccountId,
                EnrolledBy = "process",
                Approved = true,
                ApprovalReason = "embedded",
                Cv = same ? seen!.Cv : 0,
                BoundAtMs = same ? seen!.BoundAtMs : nowMs,
                UpdatedAtMs = nowMs,
            };
            if (await writer.WriteAsync(batch => Put(batch, seen, row, "embedded", nowMs), cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }

        throw new InvalidOperationException("The embedded worker's row is being changed by others again and again.");
    }

    // The rows of the table in 3.1. Null: the row changed meanwhile.
    private async Task<AgentRow?> BindAsync(RegisterRequest request, VerifyingKey key, AgentRow? seen, AgentRow fresh, string? sourceIp, long nowMs, CancellationToken cancellationToken)
    {
        if (seen is not null && seen.PublicKeySha256 == key.SpkiSha256)
        {
            return await UpdateAsync(seen, fresh, cancellationToken).ConfigureAwait(false);
        }

        if (seen is not null && request.Rotation is not null && IsRotation(request.Rotation, seen, key, nowMs))
        {
            // Nothing of the old key is vouched for by the new one, its standing neither.
            var rotated = fresh with { BoundAtMs = nowMs, Cv = 0, Faults = 0 };
            return await writer.WriteAsync(batch => !AgentRows.WasReplaced(batch, seen.AgentId, key.SpkiSha256, seen.PublicKeySha256) && Put(batch, seen, rotated, "rotation", nowMs), cancellationToken).ConfigureAwait(false)
                ? rotated
                : await StillAsync(seen, cancellationToken).ConfigureAwait(false) ? throw KeyMismatch() : null;
        }

        if (request.RegistrationToken is not { } token)
        {
            // A statement of another coordinator admits only from an active peer; peers are not admitted yet.
            throw seen is not null ? KeyMismatch() : NotActivated("registration_token_required");
        }

        if (portal.IsConfigured && !(options.EnrolsBesidePortal && await writer.WriteAsync(batch => EnrolmentTable.HasMade(batch, request.AgentId!, token), cancellationToken).ConfigureAwait(false)))
        {
            var validation = await portal.ValidateAsync(new(request.AgentId!, "agent", token, key.SpkiSha256, request.DeviceId, sourceIp), cancellationToken).ConfigureAwait(false);
            var bound = Bound(fresh, validation, "portal", nowMs);
            return await writer.WriteAsync(
                batch => AgentRows.WasReplaced(batch, fresh.AgentId, key.SpkiSha256, seen?.PublicKeySha256) ? throw KeyMismatch() : Put(batch, seen, bound, validation.Reason, nowMs),
                cancellationToken).ConfigureAwait(false) ? bound : null;
        }

        return await writer.WriteAsync(
            batch =>
            {
                var bound = Bound(fresh, EnrolmentTable.Redeem(batch, fresh.AgentId, token, key.SpkiSha256, seen?.PublicKeySha256, nowMs), "table", nowMs);

                // Without the binding the token is not used up either.
                return Put(batch, seen, bound, bound.ApprovalReason!, nowMs) ? bound : throw new ChangedMeanwhileException();
            },
            cancellationToken).OrNullWhenChangedAsync().ConfigureAwait(false);
    }

    private static AgentRow Bound(AgentRow fresh, NodeValidation validation, string by, long nowMs) => !validation.Allowed
        ? throw NotActivated(validation.Reason)
        : fresh with
        {
            OwnerAccountId = validation.OwnerAccountId!,
            RewardAccountId = validation.OwnerAccountId!,
            Tenants = string.Join('\n', validation.Tenants ?? []),
            EnrolledBy = by,
            Approved = validation.Approved,
            ApprovalReason = validation.Reason,
            Cv = 0,
            Faults = 0,
            BoundAtMs = nowMs,
        };

    private async Task<AgentRow?> UpdateAsync(AgentRow seen, AgentRow fresh, CancellationToken cancellationToken)
    {
        // A reconnect that says nothing new writes nothing.
        if (fresh with { UpdatedAtMs = seen.UpdatedAtMs } == seen)
        {
            return seen;
        }

        return await writer.WriteAsync(batch => AgentRows.Put(batch, seen.Revision, fresh, directory), cancellationToken).ConfigureAwait(false) ? fresh : null;
    }

    private bool Put(IStoreBatch batch, AgentRow? seen, AgentRow row, string reason, long nowMs)
    {
        if (!AgentRows.Put(batch, seen?.Revision ?? 0, row, directory))
        {
            return false;
        }

        NodeEvents.Validation(batch, row.AgentId, reason, nowMs);
        if (seen is not null && seen.PublicKeySha256 != row.PublicKeySha256)
        {
            security.Add(batch, SecurityEventKind.KeyRotation, SecurityLog.Agent, row.AgentId, "bound", nowMs, ("keyId", JsonValue.Create(row.KeyId)), ("oldKeyId", JsonValue.Create(seen.KeyId)));
        }

        return true;
    }

    private async Task<bool> StillAsync(AgentRow seen, CancellationToken cancellationToken) =>
        (await directory.KnownAsync(seen.AgentId, cancellationToken).ConfigureAwait(false))?.Row.Revision == seen.Revision;

    private async Task<RegisterAnswer> AnswerAsync(RegisterRequest request, AgentRow? before, AgentRow written, long nowMs, CancellationToken cancellationToken)
    {
        if (request.PowerTelemetry is { } telemetry)
        {
            sightings.Heartbeat(written.AgentId, (sighting, atMs) => sighting with { Power = PowerReading.Received(telemetry, atMs) });
        }
        else
        {
            sightings.Seen(written.AgentId);
        }

        if (before is not null && before != written)
        {
            // A new key that waits for approval takes nothing over from the old one.
            await queue.AgentChangedAsync(written.AgentId, before.Approved && !written.Approved, "registered", cancellationToken).ConfigureAwait(false);
        }

        var known = await directory.KnownAsync(written.AgentId, cancellationToken).ConfigureAwait(false) ?? new KnownAgent(written);
        var policy = await directory.PolicyAsync(known, cancellationToken).ConfigureAwait(false);
        return new(true, written.Approved ? "active" : "pending_approval", policy, written.Mode, identity.Key.PublicKey.Pem);
    }

    /// <summary>A rotation is signed by the key that is bound now, names both keys, and was made after that key was bound, so that an old one does not come back.</summary>
    private static bool IsRotation(string rotation, AgentRow seen, VerifyingKey key, long nowMs) =>
        Base64Text.TryRead(rotation) is { } signed
        && VerifyingKey.TryParse(seen.PublicKeyPem, out var old)
        && SignedDocument.Verify(DocumentContexts.AgentRotation, signed, old) is null
        && SignedDocument.Read(signed, MeshJson.Default.AgentRotation) is { } statement
        && statement.AgentId == seen.AgentId
        && statement.OldKeyId == seen.KeyId
        && VerifyingKey.TryParse(statement.NewPublicKeyPem, out var named)
        && named.Equals(key)
        && statement.IssuedAtMs >= seen.BoundAtMs - SkewMs
        && statement.IssuedAtMs <= nowMs + SkewMs;

    private static AgentRow Capabilities(RegisterRequest request, VerifyingKey key, string integrity, string? sourceIp, AgentRow? seen, long nowMs)
    {
        var sameKey = seen?.PublicKeySha256 == key.SpkiSha256;

        // The envelope key is vouched for by the signing key; a new one starts without.
        var envelopeKey = request.X25519PublicKey ?? (sameKey ? seen!.X25519PublicKey : null);
        return (seen ?? Blank(request.AgentId!, key, nowMs)) with
        {
            PublicKeyPem = key.Pem,
            PublicKeySha256 = key.SpkiSha256,
            KeyId = key.KeyId,
            X25519PublicKey = envelopeKey,
            EverSealed = seen?.EverSealed is true || envelopeKey is not null,
            Os = request.Os!,
            ProgramVersion = request.Version!,
            Mode = request.Mode!,
            DeviceId = request.DeviceId ?? seen?.DeviceId,
            ClientType = request.ClientType ?? "edgecoder-native",
            LocalModelProvider = request.LocalModelProvider ?? "edgecoder-local",
            MaxConcurrentTasks = request.MaxConcurrentTasks ?? 1,
            SandboxMode = request.SandboxMode ?? "none",
            SandboxDigest = request.SandboxDigest,
            ModelsJson = JsonSerializer.Serialize(request.Models ?? [], AgentJson.Default.IReadOnlyListAgentModelClaim),
            Integrity = integrity,
            SourceIp = sourceIp,
            UpdatedAtMs = nowMs,
        };
    }

    private static AgentRow Blank(string agentId, VerifyingKey key, long nowMs) => new()
    {
        AgentId = agentId,
        PublicKeyPem = key.Pem,
        PublicKeySha256 = key.SpkiSha256,
        KeyId = key.KeyId,
        OwnerAccountId = "",
        RewardAccountId = "",
        EnrolledBy = "",
        Os = "linux",
        ProgramVersion = "0",
        Mode = "swarm-only",
        ClientType = "edgecoder-native",
        LocalModelProvider = "edgecoder-local",
        MaxConcurrentTasks = 1,
        SandboxMode = "none",
        Integrity = "unverified",
        BoundAtMs = nowMs,
        UpdatedAtMs = nowMs,
    };

    private static Refusal KeyMismatch() =>
        new(409, "agent_key_mismatch", "This agent id is bound to another key. Use that key, send a rotation statement signed with it, or ask the owner for a fresh registration token.");

    private static Refusal NotActivated(string reason) => new(403, "node_not_activated", $"This node may not register ({reason}). Enrol it with `edgecoder node enroll` or in the portal and use the fresh code.") { Reason = reason };
}

/// <summary>Thrown in a transaction to undo it: the row is not the one that was looked at.</summary>
internal sealed class ChangedMeanwhileException : Exception;

/// <summary>Turns <see cref="ChangedMeanwhileException"/> into nothing.</summary>
internal static class ChangedMeanwhile
{
    /// <summary>The result, or null when the row had changed.</summary>
    public static async Task<T?> OrNullWhenChangedAsync<T>(this Task<T> write)
        where T : class
    {
        try
        {
            return await write.ConfigureAwait(false);
        }
        catch (ChangedMeanwhileException)
        {
            return null;
        }
    }
}
