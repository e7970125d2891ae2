using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Reviews;
using EdgeCoder.Portal.Roles;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tests.Work;

/// <summary>Reviews, escalations, credits (portal-and-control-plane 14, 15.2; 23 R1 to R3, O2, W1).</summary>
public sealed class DecisionTests
{
    private const string Code = "def f():\r\n\treturn 'é'  \n";

    [Fact]
    public async Task Accepting_keeps_the_code_byte_for_byte_and_is_decided_once()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var id = await scene.CompletedAsync(ann, Code);
        var before = await scene.Portal.SendAsync("GET", "/portal/api/reviews?status=pending", bearer: ann);
        Assert.Equal(id, Assert.Single(before.Body.GetProperty("reviews").EnumerateArray()).GetProperty("taskId").GetString());

        Assert.Equal(200, (await DecideAsync(scene, ann, id, new { decision = "accept" })).Status);

        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("Authorization", "Bearer " + ann);
        Assert.Equal(System.Text.Encoding.UTF8.GetBytes(Code), await http.GetByteArrayAsync(new Uri(scene.Portal.Url, $"/portal/api/reviews/{id}/kept"), TestContext.Current.CancellationToken));
        var second = await DecideAsync(scene, ann, id, new { decision = "reject" });
        Assert.Equal((409, "review_already_decided"), (second.Status, second.Body.GetProperty("error").GetString()));
        var review = (await scene.Portal.SendAsync("GET", "/portal/api/reviews/" + id, bearer: ann)).Body;
        Assert.Equal(("accepted", Code), (review.GetProperty("status").GetString(), review.GetProperty("improvedCode").GetString()));
        Assert.Equal(review.GetProperty("decision").GetProperty("before").GetString(), review.GetProperty("decision").GetProperty("after").GetString());
        Assert.Equal(["review.accepted"], await scene.Portal.ReadAsync(context => context.Set<AuditLineRow>().Where(row => row.Target == "task:" + id).Select(row => row.Action).ToListAsync()));
    }

    [Fact]
    public async Task An_edit_needs_code_and_counts_only_when_it_passes_the_frozen_check()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var id = await scene.CompletedAsync(ann, Code);
        var none = await DecideAsync(scene, ann, id, new { decision = "edit" });
        Assert.Equal((400, "editedCode_required_for_edit_decision"), (none.Status, none.Body.GetProperty("error").GetString()));

        scene.Home.Checks = code => code.Contains("return 2", StringComparison.Ordinal) ? new(VerdictKind.Accepted, "ok", 3, 3) : new(VerdictKind.Rejected, "check_failed", 3, 1);
        var wrong = await DecideAsync(scene, ann, id, new { decision = "edit", editedCode = "def f(): return 1" });
        Assert.Equal((422, "edited_code_rejected", 1), (wrong.Status, wrong.Body.GetProperty("error").GetString(), wrong.Body.GetProperty("verdict").GetProperty("testsPassed").GetInt32()));
        Assert.Equal("pending", (await scene.Portal.SendAsync("GET", "/portal/api/reviews/" + id, bearer: ann)).Body.GetProperty("status").GetString());

        var right = await DecideAsync(scene, ann, id, new { decision = "edit", editedCode = "def f(): return 2" });
        Assert.Equal((200, "accepted"), (right.Status, right.Body.GetProperty("verdict").GetProperty("verdict").GetString()));
    }

    [Fact]
    public async Task A_check_that_cannot_tell_decides_nothing()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var id = await scene.CompletedAsync(ann, Code);
        scene.Home.Checks = _ => new(VerdictKind.Inconclusive, "verifier_unavailable", 0, 0);
        Assert.Equal(422, (await DecideAsync(scene, ann, id, new { decision = "edit", editedCode = "def f(): return 2" })).Status);
        scene.Home.Checks = _ => new(VerdictKind.Inconclusive, "not_rerunnable", 0, 0);
        Assert.Equal(200, (await DecideAsync(scene, ann, id, new { decision = "edit", editedCode = "def f(): return 2" })).Status);
    }

    [Fact]
    public async Task A_rejected_result_is_asked_for_again_with_the_reviewers_words_and_the_same_check()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var id = await scene.CompletedAsync(ann, Code);
        var (status, body) = await DecideAsync(scene, ann, id, new { decision = "reject", note = "too slow", again = "yes" });
        Assert.Equal(200, status);
        var next = scene.Home.Submission(body.GetProperty("nextTaskId").GetString()!);
        Assert.Contains("too slow", next.Prompt, StringComparison.Ordinal);
        Assert.Equal(scene.Home.Submission(id).AcceptanceCheck!.Files![0], next.AcceptanceCheck!.Files![0]);
    }

    [Fact]
    public async Task Answering_an_escalation_resumes_its_task_and_is_done_once()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var id = await scene.SubmitAsync(ann);
        var escalation = scene.Home.Escalate(id, "def f(): pass", "expected 1");
        Assert.Equal(1, (await scene.Portal.SendAsync("GET", "/portal/api/escalations/pending-count", bearer: ann)).Body.GetProperty("count").GetInt32());
        var empty = await scene.Portal.SendAsync("POST", $"/portal/api/escalations/{escalation}/respond", new { action = "provide_context" }, ann);
        Assert.Equal((400, "context_required_for_provide_context_action"), (empty.Status, empty.Body.GetProperty("error").GetString()));
        empty = await scene.Portal.SendAsync("POST", $"/portal/api/escalations/{escalation}/respond", new { action = "edit_code" }, ann);
        Assert.Equal((400, "editedCode_required_for_edit_code_action"), (empty.Status, empty.Body.GetProperty("error").GetString()));

        var (status, body) = await scene.Portal.SendAsync("POST", $"/portal/api/escalations/{escalation}/respond", new { action = "provide_context", context = "f returns 1" }, ann);

        Assert.Equal((200, "running"), (status, body.GetProperty("taskState").GetString()));
        Assert.Equal("running", (await scene.Portal.SendAsync("GET", "/portal/api/tasks/" + id, bearer: ann)).Body.GetProperty("state").GetString());
        var second = await scene.Portal.SendAsync("POST", $"/portal/api/escalations/{escalation}/respond", new { action = "abandon" }, ann);
        Assert.Equal((409, "escalation_not_pending"), (second.Status, second.Body.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task An_operator_reads_texts_only_with_the_owners_consent_and_every_look_is_recorded()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var bob = await scene.Portal.PersonAsync("bob@example.org");
        var root = await scene.Portal.AdministratorAsync();
        var id = await scene.SubmitAsync(ann, "write the secret plan");
        var escalation = scene.Home.Escalate(id, "secret code", "secret error");
        var foreign = await scene.Portal.SendAsync("GET", "/portal/api/escalations/" + escalation, bearer: bob);
        Assert.Equal((404, "escalation_not_found"), (foreign.Status, foreign.Body.GetProperty("error").GetString()));
        Assert.Equal(403, (await scene.Portal.SendAsync("GET", "/portal/api/escalations?scope=operated", bearer: bob)).Status);

        var list = (await scene.Portal.SendAsync("GET", "/portal/api/escalations?scope=operated", bearer: root)).Body.ToString();
        Assert.Contains(escalation, list, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", list, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", (await scene.Portal.SendAsync("GET", "/portal/api/escalations/" + escalation, bearer: root)).Body.ToString(), StringComparison.Ordinal);
        var refused = await scene.Portal.SendAsync("POST", $"/portal/api/escalations/{escalation}/respond", new { action = "abandon" }, root);
        Assert.Equal((403, "content_not_shared"), (refused.Status, refused.Body.GetProperty("error").GetString()));

        Assert.Equal(200, (await scene.Portal.SendAsync("POST", $"/portal/api/tasks/{id}/help", new { allow = "yes" }, ann)).Status);
        Assert.Contains("secret code", (await scene.Portal.SendAsync("GET", "/portal/api/escalations/" + escalation, bearer: root)).Body.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            ["escalation.looked_at", "escalation.looked_at", "task.help_allowed", "escalation.read"],
            await scene.Portal.ReadAsync(context => context.Set<AuditLineRow>().Where(row => row.Target == "escalation:" + escalation || row.Target == "task:" + id).OrderBy(row => row.Seq).Select(row => row.Action).ToListAsync()));
        Assert.Equal(200, (await scene.Portal.SendAsync("POST", $"/portal/api/tasks/{id}/help", new { allow = "no" }, ann)).Status);
        Assert.DoesNotContain("secret", (await scene.Portal.SendAsync("GET", "/portal/api/escalations/" + escalation, bearer: root)).Body.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("coord-home", 200)]
    [InlineData("coord-other", 403)]
    public async Task Who_operates_another_coordinator_sees_nothing_of_this_one(string coordinator, int expected)
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var bob = await scene.Portal.PersonAsync("bob@example.org");
        var escalation = scene.Home.Escalate(await scene.SubmitAsync(ann), "code", "error");
        var id = (await scene.Portal.SendAsync("GET", "/me", bearer: bob)).Body.GetProperty("user").GetProperty("userId").GetString()!;
        await scene.Portal.Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch =>
            {
                batch.Insert(new RoleGrantRow { AccountId = id, Role = RoleNames.CoordinatorOwner, Scope = coordinator, GrantedAtMs = 1, GrantedBy = "user:root" });
                return true;
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(expected, (await scene.Portal.SendAsync("GET", "/portal/api/escalations?scope=operated", bearer: bob)).Status);
        Assert.Equal(expected == 200 ? 200 : 404, (await scene.Portal.SendAsync("GET", "/portal/api/escalations/" + escalation, bearer: bob)).Status);
    }

    [Fact]
    public async Task Credits_are_bought_once_for_a_key_shown_with_a_code_and_never_of_another_person()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var bob = await scene.Portal.PersonAsync("bob@example.org");
        using var browser = scene.Portal.Browse();
        await browser.SignInAsync("ann@example.org");
        var (status, html, next) = await browser.SubmitAsync("/portal/wallet", "/portal/api/credits/intents", ("amountSats", "3000"), ("key", "key-of-the-form"));
        Assert.True(status == 303, html);
        Assert.Equal(next, (await browser.SubmitAsync("/portal/wallet", "/portal/api/credits/intents", ("amountSats", "3000"), ("key", "key-of-the-form"))).Location);
        var other = await browser.SubmitAsync("/portal/wallet", "/portal/api/credits/intents", ("amountSats", "4000"), ("key", "key-of-the-form"));
        Assert.Equal(409, other.Status);
        var page = (await browser.OpenAsync(next!)).Html;
        Assert.Contains("<path d=\"M", page, StringComparison.Ordinal);
        Assert.Contains("100.000 credits", page, StringComparison.Ordinal);
        Assert.Contains("45 sats", page, StringComparison.Ordinal);

        var id = next!.Split('/')[^1];
        var foreign = await scene.Portal.SendAsync("GET", "/portal/api/credits/intents/" + id, bearer: bob);
        Assert.Equal((404, "intent_not_found"), (foreign.Status, foreign.Body.GetProperty("error").GetString()));
        scene.Home.Settle(id);
        Assert.Contains("The credits are in your account.", (await browser.OpenAsync(next)).Html, StringComparison.Ordinal);
        Assert.Contains("100.000", (await browser.OpenAsync("/portal/wallet")).Html, StringComparison.Ordinal);
        Assert.StartsWith("timestampMs,type,credits", (await browser.OpenAsync("/portal/api/credits/history.csv")).Html, StringComparison.Ordinal);
        var onchain = await scene.Portal.SendAsync("POST", "/portal/api/credits/intents", new { amountSats = 10, walletType = "onchain" }, ann);
        Assert.Equal((400, "onchain_not_supported"), (onchain.Status, onchain.Body.GetProperty("error").GetString()));
    }

    [Theory]
    [InlineData("", "", "")]
    [InlineData("a\nb\nc", "a\nb\nc", " a b c")]
    [InlineData("a\nb\nc", "a\nx\nc", " a-b+x c")]
    [InlineData("a", "b\na", "+b a")]
    [InlineData("a\r\nb\n", "a\nb", " a b")]
    public void Texts_are_compared_by_their_longest_common_lines(string before, string after, string expected) =>
        Assert.Equal(expected, string.Concat(LineDiff.Of(before, after)!.Select(line => line.Same ? " " + line.After : line.Before is null ? "+" + line.After : "-" + line.Before)));

    [Fact]
    public void What_went_stands_beside_what_came() =>
        Assert.Equal([("a", "a"), ("b", "x"), (null, "y"), ("c", "c")], LineDiff.Beside(LineDiff.Of("a\nb\nc", "a\nx\ny\nc")!).Select(row => (row.Before, row.After)));

    [Fact]
    public void Texts_that_are_too_long_are_not_compared() => Assert.Null(LineDiff.Of(string.Join('\n', Enumerable.Range(0, 3000)), string.Join('\n', Enumerable.Range(0, 3000))));

    private static Task<(int Status, System.Text.Json.JsonElement Body)> DecideAsync(WorkScene scene, string bearer, string id, object decision) => scene.Portal.SendAsync("POST", $"/portal/api/reviews/{id}/decision", decision, bearer);
}
