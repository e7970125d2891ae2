using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Mail;

namespace EdgeCoder.Portal.Accounts;

/// <summary>The link of the first administrator: for who reads the console of the portal's machine, once, for 30 minutes (portal-and-control-plane 5.2).</summary>
/// <param name="writer">Writes.</param>
/// <param name="accounts">Accounts.</param>
/// <param name="address">Address of the portal.</param>
/// <param name="time">Clock.</param>
internal sealed class FirstAdministrator(IStoreWriter writer, AccountStore accounts, PortalAddress address, TimeProvider time)
{
    /// <summary>How long the link works.</summary>
    public static readonly TimeSpan Valid = TimeSpan.FromMinutes(30);

    /// <summary>A new link, which voids the one before; null when an administrator exists.</summary>
    public async Task<Uri?> LinkAsync(CancellationToken cancellationToken)
    {
        var (by, now) = (AuditSource.Console, time.GetUtcNow().ToUnixTimeMilliseconds());
        var code = await writer.WriteAsync(
            batch =>
            {
                if (accounts.HasSystemAdmin(batch))
                {
                    return null;
                }

                AuditLog.Append(batch, by, "setup.link_made", "portal:setup", now);
                return AccountStore.IssueToken(batch, MailTokenPurpose.Setup, null, now + (long)Valid.TotalMilliseconds);
            },
            cancellationToken).ConfigureAwait(false);
        return code is null ? null : address.LocalLink("/setup?code=" + code);
    }
}
