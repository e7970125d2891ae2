using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Mail;
using Microsoft.Extensions.Hosting;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>
/// Passkeys are bound to the id of the relying party for ever. A start with another id than they were made for is refused, unless the operator confirms it: then those passkeys are
/// taken out and their owners are told by mail (portal-and-control-plane 2, D7).
/// </summary>
/// <param name="writer">Writes.</param>
/// <param name="party">The id now.</param>
/// <param name="settings">Whether it was confirmed.</param>
/// <param name="time">Clock.</param>
internal sealed class RelyingPartyGuard(IStoreWriter writer, RelyingParty party, PortalSettings settings, TimeProvider time) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var (by, now) = (AuditSource.OfPolicy("passkey-rp-id"), time.GetUtcNow().ToUnixTimeMilliseconds());
        var link = new Uri(settings.PublicUrl ?? new Uri("http://localhost"), "/portal/forgot");
        await writer.WriteAsync(
            batch =>
            {
                var others = batch.Query("SELECT DISTINCT rp_id FROM passkeys WHERE rp_id <> $1", row => row.Text(0), party.Id);
                if (others.Count == 0)
                {
                    return 0;
                }

                if (!settings.Passkeys.ChangeConfirmed)
                {
                    throw new StoreRefusedException($"The passkeys of this portal were made for {string.Join(", ", others)} and would not work for {party.Id}. Set PASSKEY_RP_ID to the former name, or give them all up with PASSKEY_RP_ID_CHANGE=confirm.");
                }

                foreach (var email in batch.Query("SELECT DISTINCT email FROM accounts JOIN passkeys ON passkeys.account_id = accounts.id WHERE passkeys.rp_id <> $1", row => row.Text(0), party.Id))
                {
                    MailQueue.Add(batch, MailText.PasskeysVoid(email, link), now);
                }

                foreach (var (id, count) in batch.Query("SELECT account_id, count(*) FROM passkeys WHERE rp_id <> $1 GROUP BY account_id ORDER BY account_id", row => (row.Text(0), row.Number(1)), party.Id))
                {
                    AuditLog.Append(batch, by, "passkey.voided", "user:" + id, now, before: new() { ["passkeys"] = count });
                }

                return batch.Execute("DELETE FROM passkeys WHERE rp_id <> $1", party.Id);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
