using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Tests.Work;

/// <summary>Tasks of a person (portal-and-control-plane 11; 23 O2, W1).</summary>
public sealed class TaskTests
{
    private const string Script = "</textarea><script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

    [Fact]
    public async Task A_task_is_submitted_for_the_persons_account_with_frozen_tests()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var id = await scene.SubmitAsync(ann, "write f", "assert f() == 1");

        var sent = scene.Home.Submission(id);
        var me = (await scene.Portal.SendAsync("GET", "/me", bearer: ann)).Body.GetProperty("user").GetProperty("userId").GetString();
        Assert.Equal(("acct-" + me, "team", "write f"), (sent.SubmitterAccountId, sent.DataClass, sent.Prompt));
        Assert.Equal("assert f() == 1\n", System.Text.Encoding.UTF8.GetString(scene.Home.Blobs[Assert.Single(sent.AcceptanceCheck!.Files!).Sha256]));
        Assert.Contains(scene.Home.Requests, request => request == ("POST /tasks", "user:" + me, "acct-" + me));
        var (status, body) = await scene.Portal.SendAsync("GET", "/portal/api/tasks/" + id, bearer: ann);
        Assert.Equal((200, "submitted", "No node is connected. Start one."), (status, body.GetProperty("state").GetString(), body.GetProperty("explain").GetProperty("message").GetString()));
    }

    [Fact]
    public async Task The_same_key_gives_the_same_task_and_another_body_is_refused()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var first = await scene.SubmitAsync(ann, "write f", key: "key-of-the-form");
        Assert.Equal(first, await scene.SubmitAsync(ann, "write f", key: "key-of-the-form"));
        Assert.Single(scene.Home.TaskIds);
        var (status, body) = await scene.Portal.SendAsync("POST", "/portal/api/tasks", new { prompt = "write g" }, ann, ("Idempotency-Key", "key-of-the-form"));
        Assert.Equal((409, "idempotency_key_reused"), (status, body.GetProperty("error").GetString()));
        var bob = await scene.Portal.PersonAsync("bob@example.org");
        Assert.NotEqual(first, await scene.SubmitAsync(bob, "write f", key: "key-of-the-form"));
    }

    [Fact]
    public async Task A_task_of_another_person_is_not_found()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var root = await scene.Portal.AdministratorAsync();
        var id = await scene.CompletedAsync(ann, "def f(): return 1\n");
        foreach (var (method, path) in new[] { ("GET", ""), ("GET", "/events"), ("GET", "/output"), ("GET", "/receipts"), ("POST", "/cancel"), ("POST", "/help") })
        {
            var (status, body) = await scene.Portal.SendAsync(method, $"/portal/api/tasks/{id}{path}", method == "POST" ? new { } : null, root);
            Assert.Equal((404, "task_not_found"), (status, body.GetProperty("error").GetString()));
        }

        var review = await scene.Portal.SendAsync("GET", "/portal/api/reviews/" + id, bearer: root);
        Assert.Equal((404, "review_not_found"), (review.Status, review.Body.GetProperty("error").GetString()));
        Assert.Equal(0, (await scene.Portal.SendAsync("GET", "/portal/api/tasks", bearer: root)).Body.GetProperty("tasks").GetArrayLength());
    }

    [Theory]
    [InlineData("..%2f..%2fadmin")]
    [InlineData("a%2e%2eb")]
    [InlineData("x")]
    [InlineData("bad%0aid")]
    public async Task An_id_that_is_none_is_refused_without_a_call(string id)
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var calls = scene.Home.Requests.Count;
        var (status, _) = await scene.Portal.SendAsync("GET", "/portal/api/tasks/" + id, bearer: ann);
        Assert.True(status is 400 or 404);
        Assert.Equal(calls, scene.Home.Requests.Count);
    }

    [Fact]
    public async Task Fields_that_are_wrong_are_named_and_nothing_is_sent()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var (status, body) = await scene.Portal.SendAsync("POST", "/portal/api/tasks", new { prompt = " ", language = "cobol", dataClass = "local", maxCredits = -1 }, ann);
        Assert.Equal((400, "validation_failed"), (status, body.GetProperty("error").GetString()));
        Assert.Equal(["dataClass", "language", "maxCredits", "prompt"], body.GetProperty("fields").EnumerateObject().Select(field => field.Name));
        Assert.Empty(scene.Home.TaskIds);
    }

    [Fact]
    public async Task The_pages_submit_show_and_cancel_without_scripts()
    {
        await using var scene = await WorkScene.StartAsync();
        await scene.Portal.PersonAsync("ann@example.org");
        using var browser = scene.Portal.Browse();
        await browser.SignInAsync("ann@example.org");
        var (status, html, next) = await browser.SubmitAsync("/portal/tasks", "/portal/api/tasks", ("prompt", "write f\r\nthat returns 1"), ("tests", ""), ("language", "python"), ("dataClass", "mesh"), ("maxCredits", ""), ("key", "key-of-the-form"));
        Assert.True(status == 303, html);
        var page = (await browser.OpenAsync(next!)).Html;
        Assert.Contains("No node is connected. Start one.", page, StringComparison.Ordinal);
        Assert.Equal("write f\nthat returns 1", scene.Home.Submission(scene.Home.TaskIds[0]).Prompt);
        (status, html, next) = await browser.SubmitAsync(next!, $"/portal/api/tasks/{scene.Home.TaskIds[0]}/cancel");
        Assert.True(status == 303, html);
        Assert.Contains("The task is cancelled.", (await browser.OpenAsync(next!)).Html, StringComparison.Ordinal);
        Assert.Equal(1, await scene.Portal.ReadAsync(context => context.Set<AuditLineRow>().CountAsync(row => row.Action == "task.cancel")));
    }

    [Fact]
    public async Task The_coordinator_away_is_said_and_the_rest_works()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        using var browser = scene.Portal.Browse();
        await browser.SignInAsync("ann@example.org");
        scene.Home.Away = true;
        foreach (var path in new[] { "/portal/tasks", "/portal/reviews", "/portal/escalations", "/portal/wallet", "/portal/dashboard" })
        {
            var (status, html) = await browser.OpenAsync(path);
            Assert.Equal(200, status);
            Assert.Contains("nknown", html, StringComparison.Ordinal);
            Assert.DoesNotContain("0.000", html, StringComparison.Ordinal);
        }

        var (refused, again, _) = await browser.SubmitAsync("/portal/tasks", "/portal/api/tasks", ("prompt", "keep my words"), ("key", "key-of-the-form"));
        Assert.Equal(502, refused);
        Assert.Contains("keep my words", again, StringComparison.Ordinal);
        Assert.Contains("coordinator_unreachable", again, StringComparison.Ordinal);
        Assert.Equal(200, (await browser.OpenAsync("/portal/settings")).Status);
        var snapshot = (await scene.Portal.SendAsync("GET", "/dashboard/summary", bearer: ann)).Body.GetProperty("walletSnapshot");
        Assert.Equal(["credits", "quote", "creditHistory", "wallets", "paymentIntents"], snapshot.GetProperty("unavailable").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, snapshot.GetProperty("credits").ValueKind);
    }

    [Fact]
    public async Task Scripts_in_every_text_come_out_as_text()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        using var browser = scene.Portal.Browse();
        await browser.SignInAsync("ann@example.org");
        var done = await scene.SubmitAsync(ann, Script, Script);
        scene.Home.Move(done, TaskState.Completed, Script);
        var stuck = await scene.SubmitAsync(ann, Script + "2");
        var escalation = scene.Home.Escalate(stuck, Script, Script);
        Assert.Equal(422, (await WithRejectedCheckAsync(scene, ann, done)).Status);
        foreach (var path in new[] { "/portal/tasks", "/portal/tasks/" + done, "/portal/tasks/" + stuck, "/portal/reviews", "/portal/reviews/" + done, "/portal/escalations", "/portal/escalations/" + escalation, "/portal/dashboard", "/portal/wallet?before=" + Uri.EscapeDataString(Script), "/portal/tasks?cursor=" + Uri.EscapeDataString(Script) })
        {
            var (_, html) = await browser.OpenAsync(path);
            Assert.DoesNotContain("<script>alert", html, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("<img src=x", html, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("style=", html, StringComparison.OrdinalIgnoreCase);
        }

        var (_, again, _) = await browser.SubmitAsync("/portal/tasks", "/portal/api/tasks", ("prompt", Script), ("language", Script), ("dataClass", Script), ("maxCredits", Script), ("tests", Script));
        Assert.DoesNotContain("<script>alert", again, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<(int Status, System.Text.Json.JsonElement Body)> WithRejectedCheckAsync(WorkScene scene, string bearer, string id)
    {
        scene.Home.Checks = _ => new(Protocol.Verdicts.VerdictKind.Rejected, "check_failed", 1, 0);
        return await scene.Portal.SendAsync("POST", $"/portal/api/reviews/{id}/decision", new { decision = "edit", editedCode = Script, note = Script }, bearer);
    }

    [Fact]
    public async Task Output_and_receipt_are_downloaded_as_they_are()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var id = await scene.CompletedAsync(ann, "def f():\r\n    return 'é'\n");
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("Authorization", "Bearer " + ann);
        using var answer = await http.GetAsync(new Uri(scene.Portal.Url, $"/portal/api/tasks/{id}/output"), TestContext.Current.CancellationToken);
        Assert.Equal("def f():\r\n    return 'é'\n", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("application/octet-stream", "attachment"), (answer.Content.Headers.ContentType!.MediaType, answer.Content.Headers.ContentDisposition!.DispositionType));
        Assert.Equal("AAAA", System.Text.Json.JsonElement.Parse(await http.GetStringAsync(new Uri(scene.Portal.Url, $"/portal/api/tasks/{id}/receipts"), TestContext.Current.CancellationToken)).GetProperty("leaf").GetString());
    }
}
