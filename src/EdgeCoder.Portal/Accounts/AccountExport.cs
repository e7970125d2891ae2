using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Roles;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Accounts;

/// <summary>A file of an export, from another part of the portal.</summary>
/// <param name="Name">As <c>nodes.json</c>.</param>
/// <param name="Read">Everything of an account; no hash and no secret.</param>
internal sealed record ExportPart(string Name, Func<string, CancellationToken, Task<JsonNode>> Read);

/// <summary>Everything that the portal has about a person, as a ZIP of JSON, for a day (portal-and-control-plane 5.1).</summary>
internal sealed class AccountExport(IStoreWriter writer, IDbContextFactory<PortalContext> contexts, AuditReading audit, SessionStore sessions, IEnumerable<ExportPart> parts, TimeProvider time)
{
    /// <summary>The action that a passkey confirms, without parameters.</summary>
    public const string Action = "account.export";

    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>Makes it after a step-up; the one before goes. Gives its id and the session's new key.</summary>
    public async Task<(string Id, string Key)> MakeAsync(ActionRequest request, StepUpProof proof)
    {
        var (person, by) = (request.Http.RequiredPerson(), AuditSource.Of(request.Http));
        var archive = await WriteAsync(person, request.Cancelled).ConfigureAwait(false);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return await writer.WriteAsync(
            batch =>
            {
                proof.Use(batch);
                batch.Execute("DELETE FROM account_exports WHERE account_id = $1", person.AccountId);
                var row = new AccountExportRow { Id = Guid.NewGuid().ToString(), AccountId = person.AccountId, Archive = archive, ExpiresAtMs = now + (long)Kept.TotalMilliseconds };
                batch.Insert(row);
                AuditLog.Append(batch, by, "account.exported", person.Actor, now, evidenceRef: proof.EvidenceRef);
                return (row.Id, sessions.Start(batch, person.AccountId, request.Visitor, now));
            },
            request.Cancelled).ConfigureAwait(false);
    }

    /// <summary>The archive. Throws 404 <c>export_not_found</c> for no, an old or somebody else's one.</summary>
    public async Task<byte[]> ReadAsync(string accountId, string id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<AccountExportRow>().Where(row => row.Id == id && row.AccountId == accountId && row.ExpiresAtMs > now).Select(row => row.Archive).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new Refusal(404, "export_not_found", "You have no such export. One is kept for a day; make another in the settings.");
    }

    private async Task<byte[]> WriteAsync(SignedIn person, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var account = await context.Set<AccountRow>().FirstAsync(row => row.Id == person.AccountId, cancellationToken).ConfigureAwait(false);
        var files = new List<(string Name, JsonNode Content)>
        {
            ("profile.json", new JsonObject
            {
                ["userId"] = account.Id, ["email"] = account.Email, ["emailVerifiedAtMs"] = account.EmailVerifiedAtMs, ["displayName"] = account.DisplayName, ["theme"] = account.Theme, ["createdAtMs"] = account.CreatedAtMs,
                ["roles"] = new JsonArray([.. person.Roles.Names.Select(name => JsonValue.Create(name))]),
            }),
            ("roles.json", Rows(await context.Set<RoleGrantRow>().Where(row => row.AccountId == person.AccountId).OrderBy(row => row.GrantedAtMs).ToListAsync(cancellationToken).ConfigureAwait(false),
                row => new() { ["role"] = row.Role, ["scope"] = row.Scope, ["grantedBy"] = row.GrantedBy, ["grantedAtMs"] = row.GrantedAtMs })),
            ("sessions.json", Rows(await context.Set<SessionRow>().Where(row => row.AccountId == person.AccountId).OrderBy(row => row.CreatedAtMs).ToListAsync(cancellationToken).ConfigureAwait(false),
                row => new() { ["id"] = row.Id, ["device"] = row.Device, ["address"] = row.Address, ["createdAtMs"] = row.CreatedAtMs, ["lastSeenMs"] = row.LastSeenMs })),
            ("passkeys.json", Rows(await context.Set<PasskeyRow>().Where(row => row.AccountId == person.AccountId).OrderBy(row => row.CreatedAtMs).ToListAsync(cancellationToken).ConfigureAwait(false),
                row => new() { ["id"] = row.Id, ["name"] = row.Name, ["createdAtMs"] = row.CreatedAtMs, ["lastUsedAtMs"] = row.LastUsedAtMs })),
            ("audit.json", await AuditAsync(person, cancellationToken).ConfigureAwait(false)),
        };
        foreach (var part in parts)
        {
            files.Add((part.Name, await part.Read(person.AccountId, cancellationToken).ConfigureAwait(false)));
        }

        using var body = new MemoryStream();
        using (var zip = new ZipArchive(body, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                await using var entry = await zip.CreateEntry(name).OpenAsync(cancellationToken).ConfigureAwait(false);
                await entry.WriteAsync(Encoding.UTF8.GetBytes(content.ToJsonString(new() { WriteIndented = true }) + "\n"), cancellationToken).ConfigureAwait(false);
            }
        }

        return body.ToArray();
    }

    private async Task<JsonArray> AuditAsync(SignedIn person, CancellationToken cancellationToken)
    {
        const int page = 500;
        var (lines, before) = (new JsonArray(), (long?)null);
        while (true)
        {
            var (rows, more) = await audit.ListAsync(new(person.Actor, []), new(null, null, null, before), page, cancellationToken).ConfigureAwait(false);
            foreach (var row in rows)
            {
                lines.Add(JsonNode.Parse(row.Line.Write(row.Hash)));
            }

            if (!more)
            {
                return lines;
            }

            before = rows[^1].Seq;
        }
    }

    private static JsonArray Rows<T>(List<T> rows, Func<T, JsonObject> show) => new([.. rows.Select(show)]);
}
