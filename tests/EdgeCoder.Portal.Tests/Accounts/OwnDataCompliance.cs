using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Events;
using EdgeCoder.Portal.Mail;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Reviews;
using EdgeCoder.Portal.Roles;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Tests.Passkeys;
using EdgeCoder.Portal.Tests.Roles;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tests.Accounts;

/// <summary>The address, the export and the end of an account over HTTP, on both databases (portal-and-control-plane 5.1, 5.4, A1, A12).</summary>
public abstract class OwnDataCompliance(StoreKind kind)
{
    private const string Ann = "ann@example.org";
    private const string New = "ann@example.net";

    [Fact]
    public async Task Another_address_is_taken_when_it_is_confirmed_and_not_before()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        using var ann = await PasskeyPerson.OfAsync(scene, await scene.PersonAsync(Ann));
        Assert.Equal("step_up_required", RoleCompliance.Error(await ann.SendAsync("POST", "/me/email", new { newEmail = New })));
        Assert.Equal("validation_failed", RoleCompliance.Error(await ann.SendAsync("POST", "/me/email", new { newEmail = "nobody" })));
        Assert.Equal("validation_failed", RoleCompliance.Error(await ann.SendAsync("POST", "/me/email", new { newEmail = Ann })));

        Assert.Equal(200, (await AskAsync(ann, New)).Status);
        await scene.LoginAsync(Ann);
        using var browser = scene.Browse();
        var link = "/auth/confirm-email?token=" + await scene.TokenAsync(New);
        Assert.Contains("Confirm", (await browser.OpenAsync(link)).Html, StringComparison.Ordinal);
        await scene.LoginAsync(Ann);

        Assert.Equal(303, (await browser.SubmitAsync(link, "/auth/confirm-email", ("token", await scene.TokenAsync(New)))).Status);

        Assert.Equal(New, (await ann.SendAsync("GET", "/me")).Body.GetProperty("user").GetProperty("email").GetString());
        await scene.LoginAsync(New);
        Assert.Equal("invalid_credentials", RoleCompliance.Error(await scene.SendAsync("POST", "/auth/login", new { email = Ann, password = PortalScene.Password })));
        Assert.Equal("verification_token_invalid", RoleCompliance.Error(await scene.SendAsync("POST", "/auth/confirm-email", new { token = await scene.TokenAsync(New) })));
    }

    [Fact]
    public async Task The_old_address_undoes_it_and_shuts_out_who_did_it()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        using var thief = await PasskeyPerson.OfAsync(scene, await scene.PersonAsync(Ann));
        Assert.Equal(200, (await AskAsync(thief, New)).Status);
        var undo = await scene.TokenAsync(Ann);
        await scene.SendAsync("POST", "/auth/confirm-email", new { token = await scene.TokenAsync(New) });
        Assert.Equal(200, (await AskAsync(thief, "third@example.org")).Status);
        await scene.SendAsync("POST", "/auth/confirm-email", new { token = await scene.TokenAsync("third@example.org") });

        Assert.Equal(200, (await scene.SendAsync("POST", "/auth/undo-email", new { token = undo })).Status);

        Assert.Equal(401, (await thief.SendAsync("GET", "/me")).Status);
        Assert.Equal(200, (await scene.SendAsync("POST", "/auth/password/reset", new { token = await scene.TokenAsync(Ann), newPassword = "another quiet river" })).Status);
        await scene.LoginAsync(Ann, "another quiet river");
    }

    [Fact]
    public async Task A_link_back_ends_after_three_days_and_before_that_it_stops_a_change_that_waits()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        using var ann = await PasskeyPerson.OfAsync(scene, await scene.PersonAsync(Ann));
        await AskAsync(ann, New);
        Assert.Equal(200, (await scene.SendAsync("POST", "/auth/undo-email", new { token = await scene.TokenAsync(Ann) })).Status);
        Assert.Equal("verification_token_invalid", RoleCompliance.Error(await scene.SendAsync("POST", "/auth/confirm-email", new { token = await scene.TokenAsync(New) })));

        ann.Session = await scene.LoginAsync(Ann);
        await AskAsync(ann, New);
        var undo = await scene.TokenAsync(Ann);
        scene.Time.Advance(TimeSpan.FromHours(72));
        Assert.Equal("verification_token_invalid", RoleCompliance.Error(await scene.SendAsync("POST", "/auth/undo-email", new { token = undo })));
    }

    [Fact]
    public async Task A_taken_address_is_not_told_and_not_taken()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        await scene.PersonAsync("bob@example.org");
        using var ann = await PasskeyPerson.OfAsync(scene, await scene.PersonAsync(Ann));
        Assert.Equal(200, (await AskAsync(ann, "bob@example.org")).Status);
        Assert.Equal("You already have an EdgeCoder account", (await scene.MailsAsync("bob@example.org"))[^1].Subject);

        await AskAsync(ann, New);
        var token = await scene.TokenAsync(New);
        await scene.PersonAsync(New);
        Assert.Equal("email_already_registered", RoleCompliance.Error(await scene.SendAsync("POST", "/auth/confirm-email", new { token })));
    }

    [Fact]
    public async Task A_role_by_configuration_goes_with_its_address_and_the_last_administrators_stays()
    {
        await using var scene = await PortalScene.StartAsync(kind, settings => new()
        {
            Listener = settings.Listener, DataDirectory = settings.DataDirectory, DatabaseUrl = settings.DatabaseUrl, Uniform = true, PasswordIterations = 10, Mail = settings.Mail,
            Roles = new(new HashSet<string> { Ann }, new HashSet<string>(), new HashSet<string>()),
        });
        using var ann = await PasskeyPerson.OfAsync(scene, await scene.PersonAsync(Ann));
        await AskAsync(ann, New);
        Assert.Equal("last_admin", RoleCompliance.Error(await scene.SendAsync("POST", "/auth/confirm-email", new { token = await scene.TokenAsync(New) })));

        var bob = await scene.PersonAsync("bob@example.org");
        Assert.Equal(200, (await RoleCompliance.ChangeAsync(ann, await RoleCompliance.IdAsync(scene, bob), "grant", "system-admin")).Status);
        await AskAsync(ann, New);
        Assert.Equal(200, (await scene.SendAsync("POST", "/auth/confirm-email", new { token = await scene.TokenAsync(New) })).Status);
        Assert.Equal(403, (await ann.SendAsync("GET", "/portal/api/admin/users")).Status);
    }

    [Fact]
    public async Task An_export_holds_what_there_is_for_its_owner_for_a_day()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        using var ann = await PasskeyPerson.OfAsync(scene, await scene.PersonAsync(Ann));
        var bob = await scene.PersonAsync("bob@example.org");
        var (status, body) = await ann.ConfirmedAsync("POST", "/me/export", AccountExport.Action, []);
        Assert.Equal(202, status);
        var path = "/me/export/" + body.GetProperty("exportId").GetString();

        using var zip = new ZipArchive(await DownloadAsync(scene, path, ann.Session));
        Assert.Equal(["audit.json", "conversations.json", "passkeys.json", "profile.json", "reviews.json", "roles.json", "sessions.json"], zip.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        await using var profile = await zip.GetEntry("profile.json")!.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Ann, (await JsonNode.ParseAsync(profile, cancellationToken: TestContext.Current.CancellationToken))!["email"]!.GetValue<string>());
        await using var audit = await zip.GetEntry("audit.json")!.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Contains("passkey.added", (await JsonNode.ParseAsync(audit, cancellationToken: TestContext.Current.CancellationToken))!.ToJsonString(), StringComparison.Ordinal);

        Assert.Equal("export_not_found", RoleCompliance.Error(await scene.SendAsync("GET", path, bearer: bob)));
        scene.Time.Advance(TimeSpan.FromHours(24));
        Assert.Equal("export_not_found", RoleCompliance.Error(await ann.SendAsync("GET", path)));
        await scene.Role.Services.GetRequiredService<ExpiredRows>().PurgeAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await scene.ReadAsync(store => store.Set<AccountExportRow>().CountAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task A_deleted_account_can_be_kept_for_seven_days_and_then_names_nobody()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        using var ann = await PasskeyPerson.OfAsync(scene, await scene.PersonAsync(Ann));
        Assert.Equal("validation_failed", RoleCompliance.Error(await ann.SendAsync("DELETE", "/me", new { confirm = "bob@example.org" })));
        Assert.Equal(200, (await DeleteAsync(ann)).Status);
        Assert.Equal(401, (await ann.SendAsync("GET", "/me")).Status);
        Assert.Equal("invalid_credentials", RoleCompliance.Error(await scene.SendAsync("POST", "/auth/login", new { email = Ann, password = PortalScene.Password })));

        Assert.Equal(200, (await scene.SendAsync("POST", "/auth/undo-delete", new { token = await scene.TokenAsync(Ann) })).Status);
        ann.Session = await scene.LoginAsync(Ann);
        await scene.Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch =>
            {
                batch.Insert(new ReviewRow { TaskId = "task-1", AccountId = ann.Id, Decision = "accepted", BeforeSha256 = new('a', 64), AtMs = 1 });
                return LiveBus.Add(batch, ann.Id, "review", "review:task-1", [], 1);
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(200, (await DeleteAsync(ann)).Status);
        var token = await scene.TokenAsync(Ann);
        scene.Time.Advance(AccountRemoval.Grace);
        await scene.Role.Services.GetRequiredService<ExpiredRows>().PurgeAsync(TestContext.Current.CancellationToken);

        Assert.Equal("verification_token_invalid", RoleCompliance.Error(await scene.SendAsync("POST", "/auth/undo-delete", new { token })));
        Assert.Equal((0, 0, 0, 0), (
            await scene.ReadAsync(store => store.Set<AccountRow>().CountAsync(TestContext.Current.CancellationToken)), await scene.ReadAsync(store => store.Set<PasskeyRow>().CountAsync(TestContext.Current.CancellationToken)),
            await scene.ReadAsync(store => store.Set<OutboxMailRow>().CountAsync(TestContext.Current.CancellationToken)), await scene.ReadAsync(store => store.Set<RoleGrantRow>().CountAsync(TestContext.Current.CancellationToken))));
        Assert.Equal((0, 0), (await scene.ReadAsync(store => store.Set<ReviewRow>().CountAsync(TestContext.Current.CancellationToken)), await scene.ReadAsync(store => store.Set<LiveHeadRow>().CountAsync(TestContext.Current.CancellationToken))));
        var last = await scene.ReadAsync(store => store.Set<AuditLineRow>().OrderByDescending(row => row.Seq).FirstAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("account.deleted", "user:" + ann.Id), (last.Action, last.Target));
        await scene.PersonAsync(Ann);
    }

    [Fact]
    public async Task The_last_administrator_is_not_deleted()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        using var root = await PasskeyPerson.OfAsync(scene, await scene.AdministratorAsync());
        Assert.Equal("last_admin", RoleCompliance.Error(await root.ConfirmedAsync("DELETE", "/me", AccountRemoval.Action, new() { ["confirm"] = "root@example.org" })));
        Assert.Equal(200, (await root.SendAsync("GET", "/me")).Status);
    }

    [Fact]
    public async Task An_older_sign_in_is_confirmed_before_a_passkey_is_added()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        using var ann = await PasskeyPerson.OfAsync(scene, await scene.PersonAsync(Ann));
        scene.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("step_up_required", RoleCompliance.Error(await ann.SendAsync("POST", "/auth/passkey/register/options", new { })));
        var (status, body) = await ann.ConfirmedAsync("POST", "/auth/passkey/register/options", PasskeyEndpoints.RegisterAction, []);
        Assert.True(status == 200, body.ToString());
        using var second = await PasskeyPerson.OfAsync(scene, ann.Session);
        Assert.Equal(2, (await ann.SendAsync("GET", "/me/passkeys")).Body.GetProperty("passkeys").GetArrayLength());
    }

    private static Task<(int Status, JsonElement Body)> AskAsync(PasskeyPerson person, string address) => person.ConfirmedAsync("POST", "/me/email", EmailChange.Action, new() { ["newEmail"] = address });

    private static Task<(int Status, JsonElement Body)> DeleteAsync(PasskeyPerson person) => person.ConfirmedAsync("DELETE", "/me", AccountRemoval.Action, new() { ["confirm"] = Ann });

    private static async Task<Stream> DownloadAsync(PortalScene scene, string path, string bearer)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(scene.Url, path));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + bearer);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("application/zip", answer.Content.Headers.ContentType!.MediaType);
        return new MemoryStream(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteOwnDataTests() : OwnDataCompliance(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresOwnDataTests() : OwnDataCompliance(StoreKind.PostgreSql);
