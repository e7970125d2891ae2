using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Roles;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Tests.Passkeys;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tests.Roles;

/// <summary>People and roles over HTTP, on both databases (portal-and-control-plane 8, A1, A2, O5).</summary>
public abstract class RoleCompliance(StoreKind kind)
{
    private const string Ann = "ann@example.org";

    [Fact]
    public async Task An_owner_gets_named_coordinators_and_signs_in_again()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        using var root = await PasskeyPerson.OfAsync(scene, await scene.AdministratorAsync());
        var ann = await scene.PersonAsync(Ann);
        var id = await IdAsync(scene, ann);
        Assert.Equal("step_up_required", Error(await root.SendAsync("POST", $"/portal/api/admin/users/{id}/role", new { grant = "coordinator-owner", coordinatorIds = new[] { "coord-1" } })));

        var (status, body) = await ChangeAsync(root, id, "grant", "coordinator-owner", "coord-1", "coord-2");

        Assert.True(status == 200, body.ToString());
        Assert.Equal(401, (await scene.SendAsync("GET", "/me", bearer: ann)).Status);
        ann = await scene.LoginAsync(Ann);
        var me = (await scene.SendAsync("GET", "/me", bearer: ann)).Body.GetProperty("user").GetProperty("roles");
        Assert.Equal((true, true, false), (me.GetProperty("isCoordinatorOwner").GetBoolean(), me.GetProperty("isCoordinatorAdmin").GetBoolean(), me.GetProperty("isSystemAdmin").GetBoolean()));
        var listed = await UserAsync(root, Ann);
        Assert.Equal(["coord-1", "coord-2"], listed.GetProperty("coordinatorIds").EnumerateArray().Select(one => one.GetString()));

        Assert.Equal(200, (await ChangeAsync(root, id, "revoke", "coordinator-owner", "coord-1")).Status);
        Assert.Equal(["coord-2"], (await UserAsync(root, Ann)).GetProperty("coordinatorIds").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(200, (await ChangeAsync(root, id, "revoke", "coordinator-owner")).Status);
        Assert.Equal(["application-user"], (await UserAsync(root, Ann)).GetProperty("roleNames").EnumerateArray().Select(one => one.GetString()));
    }

    [Fact]
    public async Task What_cannot_be_is_refused()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        using var root = await PasskeyPerson.OfAsync(scene, await scene.AdministratorAsync());
        var ann = await scene.PersonAsync(Ann);
        var id = await IdAsync(scene, ann);
        Assert.Equal("admin_only", Error(await scene.SendAsync("GET", "/portal/api/admin/users", bearer: ann)));
        Assert.Equal("admin_only", Error(await scene.SendAsync("POST", $"/portal/api/admin/users/{id}/role", new { role = "admin" }, ann)));
        Assert.Equal("invalid_id", Error(await root.SendAsync("POST", "/portal/api/admin/users/x/disable", new { })));
        Assert.Equal("user_not_found", Error(await root.SendAsync("POST", $"/portal/api/admin/users/{Guid.NewGuid()}/disable", new { })));
        Assert.Equal("user_not_found", Error(await ChangeAsync(root, Guid.NewGuid().ToString(), "grant", "system-admin")));
        foreach (var body in new object[] { new { }, new { grant = "node-contributor" }, new { grant = "coordinator-owner" }, new { grant = "coordinator-owner", coordinatorIds = new[] { "a..b" } }, new { grant = "system-admin", revoke = "system-admin" }, new { grant = "system-admin", coordinatorIds = new[] { "coord-1" } }, new { grant = "coordinator-owner", coordinatorIds = "x" }, new { role = "root" } })
        {
            Assert.Equal("validation_failed", Error(await root.SendAsync("POST", $"/portal/api/admin/users/{id}/role", body)));
        }

        await scene.SendAsync("POST", "/auth/signup", new { email = "bob@example.org", password = PortalScene.Password });
        Assert.Equal("email_unverified", Error(await ChangeAsync(root, (await UserAsync(root, "bob@example.org")).GetProperty("userId").GetString()!, "grant", "system-admin")));
        Assert.Equal("last_admin", Error(await ChangeAsync(root, root.Id, "revoke", "system-admin")));
        Assert.Equal("last_admin", Error(await root.SendAsync("POST", $"/portal/api/admin/users/{root.Id}/disable", new { })));
    }

    [Fact]
    public async Task Who_is_disabled_or_loses_a_role_is_out_at_the_next_request()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        using var root = await PasskeyPerson.OfAsync(scene, await scene.AdministratorAsync());
        var ann = await scene.PersonAsync(Ann);
        var id = await IdAsync(scene, ann);
        Assert.Equal(200, (await ChangeAsync(root, id, "grant", "system-admin")).Status);
        ann = await scene.LoginAsync(Ann);
        Assert.Equal(200, (await scene.SendAsync("GET", "/portal/api/admin/users", bearer: ann)).Status);

        Assert.Equal(200, (await ChangeAsync(root, id, "revoke", "system-admin")).Status);
        Assert.Equal(401, (await scene.SendAsync("GET", "/portal/api/admin/users", bearer: ann)).Status);
        ann = await scene.LoginAsync(Ann);
        Assert.Equal(403, (await scene.SendAsync("GET", "/portal/api/admin/users", bearer: ann)).Status);

        Assert.Equal(200, (await root.SendAsync("POST", $"/portal/api/admin/users/{id}/disable", new { reason = "left the team" })).Status);
        Assert.Equal(401, (await scene.SendAsync("GET", "/me", bearer: ann)).Status);
        Assert.Equal("invalid_credentials", Error(await scene.SendAsync("POST", "/auth/login", new { email = Ann, password = PortalScene.Password })));
        Assert.True((await UserAsync(root, Ann)).GetProperty("disabled").GetBoolean());

        Assert.Equal(200, (await root.SendAsync("POST", $"/portal/api/admin/users/{id}/enable", new { })).Status);
        ann = await scene.LoginAsync(Ann);
        Assert.Equal(200, (await root.SendAsync("POST", $"/portal/api/admin/users/{id}/sign-out", new { })).Status);
        Assert.Equal(401, (await scene.SendAsync("GET", "/me", bearer: ann)).Status);
    }

    [Fact]
    public async Task Roles_by_configuration_need_a_confirmed_address_and_are_noted_when_they_come_and_go()
    {
        var configured = new ConfiguredRoles(new HashSet<string> { Ann }, new HashSet<string>(), new HashSet<string>());
        await using var scene = await PortalScene.StartAsync(kind, settings => With(settings, configured));
        await scene.SendAsync("POST", "/auth/signup", new { email = Ann, password = PortalScene.Password });
        Assert.NotNull(await scene.Role.FirstAdministratorLinkAsync(TestContext.Current.CancellationToken));
        await scene.SendAsync("POST", "/auth/verify-email", new { token = await scene.TokenAsync(Ann) });
        using var ann = await PasskeyPerson.OfAsync(scene, await scene.LoginAsync(Ann));
        Assert.Equal("role_managed_by_configuration", Error(await ChangeAsync(ann, ann.Id, "revoke", "system-admin")));
        Assert.Equal("role_managed_by_configuration", Error(await ChangeAsync(ann, ann.Id, "grant", "system-admin")));

        configured = ConfiguredRoles.None;
        await scene.RestartAsync();
        Assert.Equal(403, (await ann.SendAsync("GET", "/portal/api/admin/users")).Status);

        var lines = (await ann.SendAsync("GET", "/portal/api/audit?action=role.configured")).Body.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("after").GetProperty("roles").GetString());
        Assert.Equal(["", "admin"], lines);
    }

    [Fact]
    public async Task People_are_found_and_paged()
    {
        await using var scene = await PortalScene.StartAsync(kind, settings => With(settings, ConfiguredRoles.None));
        var root = await scene.AdministratorAsync();
        for (var n = 0; n < 5; n++)
        {
            scene.Time.Advance(TimeSpan.FromHours(1));
            await scene.SendAsync("POST", "/auth/signup", new { email = $"p{n}@example.org", password = PortalScene.Password });
        }

        var (seen, cursor) = (new List<string>(), "");
        do
        {
            var (_, body) = await scene.SendAsync("GET", "/portal/api/admin/users?limit=2" + cursor, bearer: root);
            seen.AddRange(body.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("email").GetString()!));
            cursor = body.TryGetProperty("nextCursor", out var next) ? "&cursor=" + next.GetString() : "";
        }
        while (cursor.Length > 0);

        Assert.Equal(["p4@example.org", "p3@example.org", "p2@example.org", "p1@example.org", "p0@example.org", "root@example.org"], seen);
        Assert.Equal("p3@example.org", Assert.Single((await scene.SendAsync("GET", "/portal/api/admin/users?query=P3", bearer: root)).Body.GetProperty("users").EnumerateArray()).GetProperty("email").GetString());
        Assert.Equal(0, (await scene.SendAsync("GET", "/portal/api/admin/users?query=%25", bearer: root)).Body.GetProperty("users").GetArrayLength());
        Assert.Equal(400, (await scene.SendAsync("GET", "/portal/api/admin/users?cursor=1_x", bearer: root)).Status);
    }

    [Fact]
    public async Task Of_two_that_take_away_the_last_administrators_one_is_refused()
    {
        using var directory = new TemporaryDirectory();
        var database = kind == StoreKind.Sqlite ? null : await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        var settings = StoreSettings.From(database, directory["store"], "portal");
        await using var first = new ServiceCollection().AddLogging().AddStore<PortalContext>(settings).BuildServiceProvider();
        await using var second = new ServiceCollection().AddLogging().AddStore<PortalContext>(settings).BuildServiceProvider();
        IStoreWriter[] writers = [first.GetRequiredService<IStoreWriter>(), second.GetRequiredService<IStoreWriter>()];
        for (var round = 0; round < 12; round++)
        {
            string[] ids = [Guid.NewGuid().ToString(), Guid.NewGuid().ToString()];
            await writers[0].WriteAsync(
                batch =>
                {
                    batch.Execute("DELETE FROM accounts");
                    foreach (var id in ids)
                    {
                        batch.Insert(new AccountRow { Id = id, Email = id + "@example.org", EmailVerifiedAtMs = 1, PasswordHash = "hash", Theme = "warm", CreatedAtMs = 1, FailedPasswords = 0, Locks = 0, LockedUntilMs = 0 });
                        batch.Insert(new RoleGrantRow { AccountId = id, Role = RoleNames.SystemAdmin, Scope = "", GrantedBy = "console", GrantedAtMs = 1 });
                    }

                    return true;
                },
                TestContext.Current.CancellationToken);

            var done = await Task.WhenAll(writers.Select((writer, n) => writer.WriteAsync(
                batch =>
                {
                    var change = new RoleChange(ids[n], false, RoleNames.SystemAdmin, []);
                    if (change.FaultOf(batch, ConfiguredRoles.None) is { } fault)
                    {
                        return fault;
                    }

                    change.Apply(batch, AuditSource.Console, 2, null, null);
                    return "done";
                },
                TestContext.Current.CancellationToken)));

            Assert.Equal(["done", "last_admin"], done.Order(StringComparer.Ordinal));
        }
    }

    internal static string? Error((int Status, JsonElement Body) answer) => answer.Body.TryGetProperty("error", out var error) ? error.GetString() : $"none: {answer.Status} {answer.Body}";

    internal static async Task<string> IdAsync(PortalScene scene, string bearer) => (await scene.SendAsync("GET", "/me", bearer: bearer)).Body.GetProperty("user").GetProperty("userId").GetString()!;

    internal static Task<(int Status, JsonElement Body)> ChangeAsync(PasskeyPerson person, string id, string word, string role, params string[] coordinators)
    {
        var parameters = new JsonObject { ["userId"] = id, [word] = role };
        if (coordinators.Length > 0)
        {
            parameters["coordinatorIds"] = new JsonArray([.. coordinators.Select(one => JsonValue.Create(one))]);
        }

        return person.ConfirmedAsync("POST", $"/portal/api/admin/users/{id}/role", RoleChange.Action, parameters);
    }

    private static async Task<JsonElement> UserAsync(PasskeyPerson root, string email) =>
        Assert.Single((await root.SendAsync("GET", "/portal/api/admin/users?query=" + email)).Body.GetProperty("users").EnumerateArray());

    private static PortalSettings With(PortalSettings settings, ConfiguredRoles roles) => new()
    {
        Listener = settings.Listener, DataDirectory = settings.DataDirectory, DatabaseUrl = settings.DatabaseUrl, Uniform = settings.Uniform, PasswordIterations = settings.PasswordIterations, Mail = settings.Mail, Roles = roles,
    };
}

/// <summary>On SQLite.</summary>
public sealed class SqliteRoleTests() : RoleCompliance(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresRoleTests() : RoleCompliance(StoreKind.PostgreSql);
