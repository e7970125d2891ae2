using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Rotations;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Keys;

/// <summary>
/// Changes the coordinator's key (economy-and-ledger 16.2): 1. the new key is made, on the disk; 2. a statement of both keys is stored, to become a leaf that the old key signs, unless another silo has done it
/// meanwhile; 3. the key folder puts the new key in the old one's place and keeps the old one for the overlap. Each step is whole or not there: after a crash the log says which key signs.
/// </summary>
internal sealed partial class KeyRotation(
    OwnKeys keys, IStoreWriter writer, CoordinatorIdentity identity, LogHold hold, LogKeeper keeper, SecurityLog security, KeyOptions options, TimeProvider time, ILogger<KeyRotation> logger)
{
    private const int MostReason = 200;

    /// <summary>Changes it for an operator. Throws 400 <c>validation_failed</c>, and as <see cref="RotateAsync"/>.</summary>
    public Task<KeyRotated> AskedAsync(KeyRotationRequest asked, string operatorId, CancellationToken cancellationToken)
    {
        var reason = asked.Reason?.Trim() ?? "";
        if (reason.Length is < 3 or > MostReason)
        {
            throw Refusal.Invalid([new("reason", "3 to 200 characters that say why")]);
        }

        LogAsked(operatorId);
        return RotateAsync("operator", cancellationToken, operatorId, reason);
    }

    /// <summary>
    /// Changes it. Throws 409 <c>key_from_settings</c>, <c>log_not_ready</c>, <c>key_rotation_waiting</c>, <c>key_rotation_running</c>.
    /// </summary>
    public async Task<KeyRotated> RotateAsync(string cause, CancellationToken cancellationToken, string? operatorId = null, string? reason = null)
    {
        if (!identity.CanRotate)
        {
            throw new Refusal(409, "key_from_settings", "The key comes from COORDINATOR_PRIVATE_KEY_PEM. Remove that setting: the data directory holds the same key, and then it can be changed.");
        }

        if (hold.Held is { } held || !await keys.RefreshAsync(cancellationToken).ConfigureAwait(false) || identity.Chain is not { } before)
        {
            throw new Refusal(409, "log_not_ready", "The log is held or has not begun, so nothing can be announced in it. GET /stats/ledger/head says why.");
        }

        // 1.
        var (old, next) = (identity.Key, identity.Prepare());
        options.At(KeyStep.Made);

        // 2.
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var statement = await writer.WriteAsync(
            batch =>
            {
                var (chain, waiting) = OwnKeys.Read(batch, identity.PeerId);
                if (waiting > 0)
                {
                    throw new Refusal(409, "key_rotation_waiting", "The change before this one is not in the log yet. Try again in a second.") { RetryAfter = 1 };
                }

                if (chain is null || !chain.Newest.Equals(before.Newest))
                {
                    throw new Refusal(409, "key_rotation_running", "Another silo has changed the key at this moment.") { RetryAfter = 1 };
                }

                var signed = SignedKeyStatement.Change(identity.PeerId, old, next, Math.Max(nowMs, Math.Max(LastMs(batch), chain.Statements[^1].Statement.ActivatesAtMs + 1)));
                LogOutbox.Append(batch, RecordTypes.KeyRotation, "key:" + next.PublicKey.KeyId, null, LogOutbox.Self, Encoding.UTF8.GetString(signed.Bytes), signed.Statement.ActivatesAtMs);
                batch.TryInsert(new KeyChangeRow { NewKeyId = next.PublicKey.KeyId, OperatorId = operatorId, Reason = reason ?? cause, AtMs = nowMs });
                security.Add(
                    batch, SecurityEventKind.KeyRotation, SecurityLog.Coordinator, identity.PeerId, cause, nowMs, ("oldKeyId", JsonValue.Create(old.PublicKey.KeyId)), ("newKeyId", JsonValue.Create(next.PublicKey.KeyId)));
                return signed.Statement;
            },
            cancellationToken).ConfigureAwait(false);
        options.At(KeyStep.Announced);

        // 3.
        await keys.RefreshAsync(cancellationToken).ConfigureAwait(false);
        options.At(KeyStep.Promoted);
        keeper.Wake();
        LogChanged(statement.OldKeyId!, statement.NewKeyId, cause);
        return new(true, statement.OldKeyId!, statement.NewKeyId, identity.VerifierKey, statement.ActivatesAtMs, statement.OverlapUntilMs);
    }

    // Records before the statement are not later than it.
    private long LastMs(IStoreBatch batch) =>
        batch.Query("SELECT leaf FROM log_leaves WHERE origin = $1 ORDER BY sequence DESC LIMIT 1", row => row.Bytes(0), Checkpoint.OriginOf(identity.PeerId)) is [var bytes] && RecordLeaf.TryRead(bytes, out var leaf) is null
            ? leaf!.Record.IssuedAtMs
            : 0;

    [LoggerMessage(LogLevel.Information, "Operator {OperatorId} changes the coordinator's key")]
    private partial void LogAsked(string operatorId);

    [LoggerMessage(LogLevel.Warning, "The coordinator's key was changed from {OldKeyId} to {NewKeyId} ({Cause}); both sign checkpoints for 48 hours")]
    private partial void LogChanged(string oldKeyId, string newKeyId, string cause);
}
