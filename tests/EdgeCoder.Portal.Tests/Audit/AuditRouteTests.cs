using System.Text;
using System.Text.Json;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Protocol.OperatorAudit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tests.Audit;

/// <summary>The audit log over HTTP: who sees which rows, what is in them, what an export is worth (portal-and-control-plane 8.1, 10.3, K10).</summary>
public sealed class AuditRouteTests
{
    private const string Ann = "ann@example.org";

    [Fact]
    public async Task Security_events_of_accounts_are_rows()
    {
        await using var scene = await PortalScene.StartAsync();
        var root = await scene.AdministratorAsync();
        var ann = await scene.PersonAsync(Ann);
        for (var n = 0; n < 5; n++)
        {
            await scene.SendAsync("POST", "/auth/login", new { email = Ann, password = "wrong one" });
        }

        await scene.SendAsync("POST", "/auth/password/forgot", new { email = Ann });
        await scene.SendAsync("POST", "/auth/password/reset", new { token = await scene.TokenAsync(Ann), newPassword = "another quiet river" });
        ann = await scene.LoginAsync(Ann, "another quiet river");
        await scene.SendAsync("POST", "/auth/logout", new { }, ann);

        var actions = (await LinesAsync(scene, root, "?limit=200")).Select(line => line.GetProperty("action").GetString()).Reverse().ToList();

        Assert.Equal(
            ["setup.link_made", "role.granted", "sign_in.done", "sign_in.done", "account.confirmed", "sign_in.done", "sign_in.failed", "sign_in.failed", "sign_in.failed", "sign_in.failed", "password.locked", "password.reset", "session.all_ended", "sign_in.done", "sign_out.done"],
            actions);
    }

    [Fact]
    public async Task A_person_sees_own_rows_and_an_administrator_all()
    {
        await using var scene = await PortalScene.StartAsync();
        var root = await scene.AdministratorAsync();
        var ann = await scene.PersonAsync(Ann);
        await scene.PersonAsync("bob@example.org");
        var id = (await scene.SendAsync("GET", "/me", bearer: ann)).Body.GetProperty("user").GetProperty("userId").GetString();

        var own = await LinesAsync(scene, ann);
        Assert.NotEmpty(own);
        Assert.All(own, line => Assert.Equal("user:" + id, line.GetProperty("target").GetString()));
        Assert.True((await LinesAsync(scene, root)).Count > own.Count);
        Assert.Empty(await LinesAsync(scene, ann, "?actor=console"));
        Assert.Equal(own.Count, (await LinesAsync(scene, root, $"?target=user:{id}")).Count);
        Assert.Equal(403, (await scene.SendAsync("GET", "/portal/api/audit/export", bearer: ann)).Status);
    }

    [Fact]
    public async Task Pages_of_rows_follow_each_other_without_gaps()
    {
        await using var scene = await PortalScene.StartAsync();
        var root = await scene.AdministratorAsync();
        for (var n = 0; n < 5; n++)
        {
            await scene.LoginAsync("root@example.org");
        }

        var (seen, cursor) = (new List<long>(), "");
        do
        {
            var (_, body) = await scene.SendAsync("GET", "/portal/api/audit?limit=3" + cursor, bearer: root);
            seen.AddRange(body.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("seq").GetInt64()));
            cursor = body.TryGetProperty("nextCursor", out var next) ? "&cursor=" + next.GetString() : "";
        }
        while (cursor.Length > 0);

        Assert.Equal(Enumerable.Range(1, 9).Select(n => (long)n).Reverse(), seen);
        foreach (var query in new[] { "cursor=x", "cursor=-1", "limit=0", "limit=201", "actor=" + new string('a', 300) })
        {
            Assert.Equal(400, (await scene.SendAsync("GET", "/portal/api/audit?" + query, bearer: root)).Status);
        }
    }

    [Fact]
    public async Task An_export_is_right_holds_no_address_and_shows_an_edited_row()
    {
        await using var scene = await PortalScene.StartAsync();
        var root = await scene.AdministratorAsync();
        await scene.PersonAsync(Ann);
        var dump = await ExportAsync(scene, root);
        Assert.Null(Check(dump).Finding);
        Assert.DoesNotContain("@", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", dump, StringComparison.Ordinal);

        await WriteAsync(scene, "UPDATE audit_lines SET actor = 'user:nobody' WHERE seq = 4");

        Assert.Equal((AuditFault.HashMismatch, 4L), Check(await ExportAsync(scene, root)).Finding is { } edited ? (edited.Fault, edited.Row) : default);
        await WriteAsync(scene, "DELETE FROM audit_lines WHERE seq = 4");
        Assert.Equal((AuditFault.SequenceBreak, 4L), Check(await ExportAsync(scene, root)).Finding is { } missing ? (missing.Fault, missing.Row) : default);
    }

    [Fact]
    public async Task Nothing_is_done_when_its_row_cannot_be_written()
    {
        await using var scene = await PortalScene.StartAsync();
        var ann = await scene.PersonAsync(Ann);
        await WriteAsync(scene, "CREATE TRIGGER planted BEFORE INSERT ON audit_lines BEGIN SELECT RAISE(ABORT, 'planted'); END");
        var before = await StateAsync(scene);

        Assert.Equal(503, (await scene.SendAsync("POST", "/auth/login", new { email = Ann, password = PortalScene.Password })).Status);
        Assert.Equal(503, (await scene.SendAsync("POST", "/me/password", new { currentPassword = PortalScene.Password, newPassword = "another quiet river" }, ann)).Status);
        Assert.Equal(503, (await scene.SendAsync("POST", "/auth/logout", new { }, ann)).Status);
        Assert.Equal(before, await StateAsync(scene));

        await WriteAsync(scene, "DROP TRIGGER planted");
        await scene.LoginAsync(Ann);
    }

    [Fact]
    public async Task The_page_shows_rows_and_never_runs_what_was_searched_for()
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.AdministratorAsync();
        using var browser = scene.Browse();
        await browser.SignInAsync("root@example.org");
        Assert.Contains("setup.link_made", (await browser.OpenAsync("/portal/ops/audit")).Html, StringComparison.Ordinal);
        Assert.Contains("Nothing fits.", (await browser.OpenAsync("/portal/ops/audit?actor=nobody@example.org")).Html, StringComparison.Ordinal);
        Assert.Contains("sign_in.done", (await browser.OpenAsync("/portal/ops/audit?actor=root@example.org")).Html, StringComparison.Ordinal);
        var (status, html) = await browser.OpenAsync("/portal/ops/audit?action=%3Cscript%3Ealert(1)%3C/script%3E&cursor=x");
        Assert.Equal(400, status);
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
    }

    private static async Task<List<JsonElement>> LinesAsync(PortalScene scene, string bearer, string query = "") =>
        [.. (await scene.SendAsync("GET", "/portal/api/audit" + query, bearer: bearer)).Body.GetProperty("lines").EnumerateArray()];

    private static async Task<string> ExportAsync(PortalScene scene, string bearer)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(scene.Url, "/portal/api/audit/export"));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + bearer);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static AuditVerdict Check(string dump)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(dump));
        return AuditDump.Check(stream, null, TestContext.Current.CancellationToken);
    }

    private static Task<int> WriteAsync(PortalScene scene, string sql) => scene.Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(batch => batch.Execute(sql), TestContext.Current.CancellationToken);

    private static Task<(int, string?)> StateAsync(PortalScene scene) => scene.ReadAsync(async store => (
        await store.Set<SessionRow>().CountAsync(TestContext.Current.CancellationToken),
        await store.Set<AccountRow>().Select(row => row.PasswordHash).FirstAsync(TestContext.Current.CancellationToken)));
}
