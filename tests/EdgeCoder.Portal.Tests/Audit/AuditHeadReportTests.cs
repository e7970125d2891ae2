using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Tests.Coordinators;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tests.Audit;

/// <summary>The head of the audit log on its way to the coordinator (economy-and-ledger 10, audit_head).</summary>
public sealed class AuditHeadReportTests
{
    [Fact]
    public async Task It_is_told_when_it_moved_each_hour_and_after_many_rows()
    {
        await using var home = await ScriptedHome.StartAsync();
        await using var scene = await StartAsync(home);
        var reports = scene.Role.Services.GetRequiredService<AuditHeadReports>();
        await reports.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(await ReportAsync(reports));

        await AddAsync(scene, 3);
        Assert.True(await ReportAsync(reports));
        Assert.False(await ReportAsync(reports));
        await AddAsync(scene, AuditHeadReports.Rows - 1);
        Assert.False(await ReportAsync(reports));
        await AddAsync(scene, 1);
        Assert.True(await ReportAsync(reports));
        scene.Time.Advance(TimeSpan.FromHours(2));
        Assert.False(await ReportAsync(reports));
        await AddAsync(scene, 1);
        Assert.True(await ReportAsync(reports));

        Assert.Equal([3, 259, 260], home.Requests.Select(request => request.Body.GetProperty("seq").GetInt64()));
        Assert.All(home.Requests, request => Assert.Equal(ScriptedHome.Token, request.Headers["x-portal-service-token"]));
        Assert.All(home.Paths, path => Assert.Equal("/audit/heads", path));
    }

    [Fact]
    public async Task What_was_refused_is_told_again()
    {
        await using var home = await ScriptedHome.StartAsync();
        await using var scene = await StartAsync(home);
        var reports = scene.Role.Services.GetRequiredService<AuditHeadReports>();
        await reports.StopAsync(TestContext.Current.CancellationToken);
        await AddAsync(scene, 1);
        home.Answers = _ => (409, new { error = "audit_head_went_back", detail = "older" });
        Assert.Equal("audit_head_went_back", (await Assert.ThrowsAsync<Refusal>(() => ReportAsync(reports))).Error);
        home.Answers = _ => (200, new { seq = 1, logged = true });
        Assert.True(await ReportAsync(reports));
    }

    private static Task<bool> ReportAsync(AuditHeadReports reports) => reports.ReportAsync(TestContext.Current.CancellationToken);

    private static Task<PortalScene> StartAsync(ScriptedHome home) => PortalScene.StartAsync(change: settings => new EdgeCoder.Portal.Composition.PortalSettings
    {
        Listener = settings.Listener, DataDirectory = settings.DataDirectory, DatabaseUrl = settings.DatabaseUrl, Uniform = settings.Uniform, PasswordIterations = settings.PasswordIterations, Mail = settings.Mail, Edges = home.Edges,
    });

    private static Task<bool> AddAsync(PortalScene scene, int rows) => scene.Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(
        batch =>
        {
            for (var n = 0; n < rows; n++)
            {
                AuditLog.Append(batch, AuditSource.Console, "test.done", "test:x", n);
            }

            return true;
        },
        TestContext.Current.CancellationToken);
}
