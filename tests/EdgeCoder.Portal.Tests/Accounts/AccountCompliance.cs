using System.Text.Json;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Tests.Composition;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tests.Accounts;

/// <summary>Accounts and sessions over HTTP, on both databases.</summary>
public abstract class AccountCompliance(StoreKind kind)
{
    private const string Ann = "ann@example.org";

    [Fact]
    public async Task Who_signed_up_signs_in_after_confirming_and_is_asked_by_bearer()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        var (status, made) = await scene.SendAsync("POST", "/auth/signup", new { email = " Ann@Example.org ", password = PortalScene.Password, displayName = "Ann" });
        Assert.Equal((200, "sent", "acct-" + made.GetProperty("userId").GetString()), (status, made.GetProperty("emailVerification").GetString(), made.GetProperty("walletOnboarding").GetProperty("accountId").GetString()));
        Assert.Equal("invalid_credentials", await ErrorAsync(scene.SendAsync("POST", "/auth/login", new { email = Ann, password = PortalScene.Password })));

        Assert.Equal(200, (await scene.SendAsync("POST", "/auth/verify-email", new { token = await scene.TokenAsync(Ann) })).Status);

        var key = await scene.LoginAsync(Ann);
        var me = (await scene.SendAsync("GET", "/me", bearer: key)).Body.GetProperty("user");
        Assert.Equal((Ann, true, "Ann", "user", "warm"), (me.GetProperty("email").GetString(), me.GetProperty("emailVerified").GetBoolean(), me.GetProperty("displayName").GetString(), me.GetProperty("role").GetString(), me.GetProperty("uiTheme").GetString()));
        Assert.Equal("not_authenticated", await ErrorAsync(scene.SendAsync("GET", "/me", bearer: key + "x")));
    }

    [Fact]
    public async Task A_password_given_for_a_strangers_address_is_never_valid()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        await scene.SendAsync("POST", "/auth/signup", new { email = Ann, password = "thief chose this one" });
        scene.Time.Advance(TimeSpan.FromSeconds(1));
        await scene.SendAsync("POST", "/auth/signup", new { email = Ann, password = PortalScene.Password });

        Assert.Equal(200, (await scene.SendAsync("POST", "/auth/verify-email", new { token = await scene.TokenAsync(Ann) })).Status);

        Assert.Equal("invalid_credentials", await ErrorAsync(scene.SendAsync("POST", "/auth/login", new { email = Ann, password = "thief chose this one" })));
        await scene.LoginAsync(Ann);
        Assert.Equal(1, await scene.ReadAsync(store => store.Set<AccountRow>().CountAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task A_link_of_the_mail_works_once_and_not_after_its_time()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        await scene.SendAsync("POST", "/auth/signup", new { email = Ann, password = PortalScene.Password });
        var late = await scene.TokenAsync(Ann);
        scene.Time.Advance(TimeSpan.FromHours(24));
        Assert.Equal("verification_token_invalid", await ErrorAsync(scene.SendAsync("POST", "/auth/verify-email", new { token = late })));

        await scene.SendAsync("POST", "/auth/resend-verification", new { email = Ann });
        var token = await scene.TokenAsync(Ann);
        Assert.NotEqual(late, token);
        Assert.Equal(200, (await scene.SendAsync("POST", "/auth/verify-email", new { token })).Status);
        Assert.Equal("verification_token_invalid", await ErrorAsync(scene.SendAsync("POST", "/auth/verify-email", new { token })));
    }

    [Fact]
    public async Task Of_two_that_consume_one_link_one_wins()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        await scene.PersonAsync(Ann);
        await scene.SendAsync("POST", "/auth/password/forgot", new { email = Ann });
        var token = await scene.TokenAsync(Ann);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => scene.SendAsync("POST", "/auth/password/reset", new { token, newPassword = $"another quiet river {n}" })));

        Assert.Equal([200, 400, 400, 400, 400, 400], answers.Select(answer => answer.Status).Order());
    }

    [Fact]
    public async Task A_reset_ends_every_session_and_lifts_the_lock()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        var key = await scene.PersonAsync(Ann);
        for (var n = 0; n < 5; n++)
        {
            await scene.SendAsync("POST", "/auth/login", new { email = Ann, password = "wrong one" });
        }

        await scene.SendAsync("POST", "/auth/password/forgot", new { email = Ann });
        Assert.Equal(200, (await scene.SendAsync("POST", "/auth/password/reset", new { token = await scene.TokenAsync(Ann), newPassword = "another quiet river" })).Status);

        Assert.Equal(401, (await scene.SendAsync("GET", "/me", bearer: key)).Status);
        await scene.LoginAsync(Ann, "another quiet river");
        Assert.Contains("was changed", (await scene.MailsAsync(Ann))[^1].Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guesses_lock_the_password_and_no_restart_clears_that()
    {
        await using var scene = await PortalScene.StartAsync(kind, settings => Settings(settings, new LimitSettings { SignInAccount = new("a", 0, TimeSpan.FromMinutes(5)), SignInAddress = new("b", 0, TimeSpan.FromMinutes(5)) }));
        await scene.PersonAsync(Ann);
        for (var n = 0; n < 30; n++)
        {
            Assert.Equal(401, (await scene.SendAsync("POST", "/auth/login", new { email = Ann, password = "wrong one" })).Status);
        }

        await scene.RestartAsync();
        Assert.Equal("invalid_credentials", await ErrorAsync(scene.SendAsync("POST", "/auth/login", new { email = Ann, password = PortalScene.Password })));

        scene.Time.Advance(TimeSpan.FromMinutes(5));
        await scene.LoginAsync(Ann);
    }

    [Fact]
    public async Task Attempts_are_limited_in_rows()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        for (var n = 0; n < 10; n++)
        {
            Assert.Equal(401, (await scene.SendAsync("POST", "/auth/login", new { email = "nobody@example.org", password = "wrong one" })).Status);
        }

        await scene.RestartAsync();
        Assert.Equal("rate_limited", await ErrorAsync(scene.SendAsync("POST", "/auth/login", new { email = "nobody@example.org", password = "wrong one" })));
        scene.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(401, (await scene.SendAsync("POST", "/auth/login", new { email = "nobody@example.org", password = "wrong one" })).Status);
    }

    [Fact]
    public async Task A_new_password_signs_the_others_out_and_the_wrong_current_one_changes_nothing()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        var other = await scene.PersonAsync(Ann);
        var own = await scene.LoginAsync(Ann);
        Assert.Equal("validation_failed", await ErrorAsync(scene.SendAsync("POST", "/me/password", new { currentPassword = "wrong one", newPassword = "another quiet river" }, own)));

        Assert.Equal(200, (await scene.SendAsync("POST", "/me/password", new { currentPassword = PortalScene.Password, newPassword = "another quiet river" }, own)).Status);

        Assert.Equal((200, 401), ((await scene.SendAsync("GET", "/me", bearer: own)).Status, (await scene.SendAsync("GET", "/me", bearer: other)).Status));
        await scene.LoginAsync(Ann, "another quiet river");
    }

    [Fact]
    public async Task Sessions_are_listed_ended_and_only_ones_own()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        var ann = await scene.PersonAsync(Ann);
        var second = await scene.LoginAsync(Ann);
        var bob = await scene.PersonAsync("bob@example.org");
        var ids = (await scene.SendAsync("GET", "/me/sessions", bearer: ann)).Body.GetProperty("sessions").EnumerateArray().ToDictionary(row => row.GetProperty("current").GetBoolean(), row => row.GetProperty("id").GetString());
        Assert.Equal(2, ids.Count);

        Assert.Equal("session_not_found", await ErrorAsync(scene.SendAsync("DELETE", "/me/sessions/" + ids[false], bearer: bob)));
        Assert.Equal("invalid_id", await ErrorAsync(scene.SendAsync("DELETE", "/me/sessions/x%27--", bearer: ann)));
        Assert.Equal(200, (await scene.SendAsync("DELETE", "/me/sessions/" + ids[false], bearer: ann)).Status);

        Assert.Equal((401, 200), ((await scene.SendAsync("GET", "/me", bearer: second)).Status, (await scene.SendAsync("GET", "/me", bearer: ann)).Status));
        await scene.LoginAsync(Ann);
        Assert.Equal(1, (await scene.SendAsync("DELETE", "/me/sessions", bearer: ann)).Body.GetProperty("ended").GetInt32());
        Assert.Equal(200, (await scene.SendAsync("GET", "/me", bearer: bob)).Status);
    }

    [Fact]
    public async Task Sessions_end_when_idle_and_at_their_time()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        var key = await scene.PersonAsync(Ann);
        scene.Time.Advance(TimeSpan.FromDays(3) - TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await scene.SendAsync("GET", "/me", bearer: key)).Status);
        scene.Time.Advance(TimeSpan.FromDays(3) + TimeSpan.FromSeconds(1));
        Assert.Equal(401, (await scene.SendAsync("GET", "/me", bearer: key)).Status);

        var fresh = await scene.LoginAsync(Ann);
        for (var day = 0; day < 6; day++)
        {
            scene.Time.Advance(TimeSpan.FromDays(1));
            Assert.Equal(200, (await scene.SendAsync("GET", "/me", bearer: fresh)).Status);
        }

        scene.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(401, (await scene.SendAsync("GET", "/me", bearer: fresh)).Status);
    }

    [Fact]
    public async Task The_consoles_link_makes_one_administrator_and_no_second()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        var older = (await scene.Role.FirstAdministratorLinkAsync(TestContext.Current.CancellationToken))!.AbsoluteUri;
        var link = (await scene.Role.FirstAdministratorLinkAsync(TestContext.Current.CancellationToken))!.AbsoluteUri;
        Assert.StartsWith($"http://localhost:{scene.Url.Port}/setup?code=", link, StringComparison.Ordinal);
        Assert.Equal("setup_code_invalid", await ErrorAsync(SetUpAsync(scene, older, "thief@example.org")));

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => SetUpAsync(scene, link, $"root{n}@example.org")));

        Assert.Equal([200, 400, 400, 400], answers.Select(answer => answer.Status).Order());
        Assert.Null(await scene.Role.FirstAdministratorLinkAsync(TestContext.Current.CancellationToken));
        var key = await scene.LoginAsync($"root{Array.FindIndex(answers, answer => answer.Status == 200)}@example.org");
        Assert.Equal("admin", (await scene.SendAsync("GET", "/me", bearer: key)).Body.GetProperty("user").GetProperty("role").GetString());
        scene.Time.Advance(PortalSettings.OperatorIdleTime + TimeSpan.FromSeconds(1));
        Assert.Equal(401, (await scene.SendAsync("GET", "/me", bearer: key)).Status);
    }

    [Fact]
    public async Task Expired_rows_are_taken_out()
    {
        await using var scene = await PortalScene.StartAsync(kind);
        await scene.PersonAsync(Ann);
        await scene.SendAsync("POST", "/auth/signup", new { email = "bob@example.org", password = PortalScene.Password });
        scene.Time.Advance(TimeSpan.FromDays(31));

        await scene.Role.Services.GetRequiredService<ExpiredRows>().PurgeAsync(TestContext.Current.CancellationToken);

        Assert.Equal((1, 0, 0), (
            await scene.ReadAsync(store => store.Set<AccountRow>().CountAsync(TestContext.Current.CancellationToken)),
            await scene.ReadAsync(store => store.Set<SessionRow>().CountAsync(TestContext.Current.CancellationToken)),
            await scene.ReadAsync(store => store.Set<LimitHitRow>().CountAsync(TestContext.Current.CancellationToken))));
    }

    internal static async Task<string?> ErrorAsync(Task<(int Status, JsonElement Body)> answer) => (await answer).Body.GetProperty("error").GetString();

    private static Task<(int Status, JsonElement Body)> SetUpAsync(PortalScene scene, string link, string email) => scene.SendAsync("POST", "/setup", new { code = PortalScene.Secret(link), email, password = PortalScene.Password });

    private static PortalSettings Settings(PortalSettings settings, LimitSettings limits) => new()
    {
        Listener = settings.Listener,
        DataDirectory = settings.DataDirectory,
        DatabaseUrl = settings.DatabaseUrl,
        Uniform = settings.Uniform,
        PasswordIterations = settings.PasswordIterations,
        Mail = settings.Mail,
        Limits = limits,
    };
}

/// <summary>On SQLite.</summary>
public sealed class SqliteAccountTests() : AccountCompliance(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresAccountTests() : AccountCompliance(StoreKind.PostgreSql);
