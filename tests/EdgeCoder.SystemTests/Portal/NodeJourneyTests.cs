using EdgeCoder.SystemTests.Coordination;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Portal;

/// <summary>A node from its enrolment in the portal to its revocation, with real processes: <c>edgecoder up</c>, a second worker, the portal over HTTP.</summary>
public sealed class NodeJourneyTests
{
    private const string Node = "desk-of-ruth";
    private const string Request = "write a function that merges two dictionaries";
    private const string Tests = "assert merge_dicts({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}\nassert merge_dicts({}, {'x': 0}) == {'x': 0}\n";

    private static CancellationToken Patience => CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(ProgramRun.Patience).Token).Token;

    [Fact]
    public async Task A_node_is_enrolled_in_the_portal_joins_is_approved_works_and_loses_its_lease_when_it_is_revoked()
    {
        await using var server = await ScriptedOpenAI.StartAsync();
        var model = new ScriptedModel { Id = "scripted", Answer = prompt => prompt.Contains("You plan small", StringComparison.Ordinal) ? "1. Merge." : "Here it is:\n```python\ndef merge_dicts(a, b):\n    return {**a, **b}\n```\n" };
        server.Models.Add(model);
        await using var up = new RunningCoordinator(selfAgent: false);
        await using var worker = new RunningWorker();
        worker.Run.Write("config/models.json", $$"""{"servers":[{"name":"scripted","address":"{{server.BaseAddress}}","reach":"this-machine","model":"scripted","contextWindow":16384}]}""");
        worker.Run.Environment["EDGECODER_CONFIG_DIR"] = Path.Combine(worker.Run.Directory, "config");
        worker.Run.Environment["LOCAL_MODEL_PROVIDER"] = "openai-compatible";
        await up.StartAsync(Patience);
        using var ruth = await PortalPerson.FirstAdministratorAsync(up, Patience);

        // Enrolled: the code joins; the node is dormant.
        var enrolled = await ruth.DoAsync("/nodes/enroll", new { nodeId = Node, nodeKind = "agent" }, Patience);
        worker.Start("join", enrolled.GetProperty("joinCode").GetString()!);
        var ready = await worker.SaysAsync("notice", "SHA256:", Patience);
        await worker.SaysAsync("status", "pending_approval", Patience);
        var pending = await ruth.NodeAsync(Node, Patience);
        Assert.Equal(("pending", "node_pending_coordinator_approval"), (pending.GetProperty("status").GetString(), pending.GetProperty("blockedReason").GetString()));
        Assert.Contains(pending.GetProperty("keyFingerprint").GetString()!, ready.GetProperty("message").GetString(), StringComparison.Ordinal);
        await ruth.SeesAsync(Node, "rewards", "linked", Patience);
        var tests = up.Run.Write("tests.py", Tests);
        var task = (await up.AskAsync("submit", Request, "--tests", tests, "--data-class", "mesh")).GetProperty("taskId").GetString()!;
        Assert.Contains("agent_pending_approval", (await up.AskAsync("explain", task)).GetRawText(), StringComparison.Ordinal);

        // Approved: it works.
        await ruth.DoAsync("/coordinator/ops/node-approval", new { nodeId = Node, nodeKind = "agent", approved = true }, Patience);
        Assert.Contains("def merge_dicts", await up.DoAsync("result", task, "--wait"), StringComparison.Ordinal);

        // A task of hers in the portal is done by her own node, which nobody audits for her: it is paid, and its receipt is there once the log has it.
        await ruth.GetsCreditsAsync(up, 500, Patience);
        var own = (await ruth.DoAsync("/portal/api/tasks", new { prompt = Request, tests = Tests, dataClass = "team" }, Patience)).GetProperty("taskId").GetString();
        Assert.True((await ruth.AwaitAsync($"/portal/api/tasks/{own}/receipts", Patience)).TryGetProperty("leaf", out _));
        var done = await ruth.AwaitAsync($"/portal/api/tasks/{own}", Patience);
        Assert.Equal("completed", done.GetProperty("state").GetString());
        Assert.True(done.GetProperty("credits").GetProperty("posted").GetDecimal() > 0, done.GetProperty("credits").ToString());

        // Revoked in the middle of work: the lease is gone at once, and the worker hears it at its next heartbeat.
        var never = new TaskCompletionSource();
        model.Fault = new() { WaitFor = never.Task };
        var second = (await up.AskAsync("submit", "write another function that merges two dictionaries", "--tests", tests, "--data-class", "mesh")).GetProperty("taskId").GetString()!;
        await worker.SaysAsync("lease", null, Patience);
        await ruth.DoAsync("/coordinator/ops/node-approval", new { nodeId = Node, nodeKind = "agent", approved = false, reason = "It is slow" }, Patience);
        await worker.SaysAsync("status", "pending_approval", Patience);
        await worker.SaysAsync("lease_ended", null, Patience);
        Assert.Equal("node_revoked", (await ruth.NodeAsync(Node, Patience)).GetProperty("blockedReason").GetString());
        Assert.Contains("agent_pending_approval", (await up.AskAsync("explain", second)).GetRawText(), StringComparison.Ordinal);

        // Only an operator lifts that; then the work that waited is done.
        model.Fault = null;
        await ruth.DoAsync("/coordinator/ops/node-approval", new { nodeId = Node, nodeKind = "agent", approved = true }, Patience);
        Assert.Contains("def merge_dicts", await up.DoAsync("result", second, "--wait"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edges_of_the_process_are_closed_to_others_and_the_operators_own_enrolment_goes_on()
    {
        await using var up = new RunningCoordinator(selfAgent: false);
        await up.StartAsync(Patience);
        using var ruth = await PortalPerson.FirstAdministratorAsync(up, Patience);
        Assert.StartsWith("ec1_", (await up.AskAsync("node", "enroll", "node-of-the-operator")).GetProperty("joinCode").GetString(), StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = new(up.Ready.GetProperty("roles").GetProperty("portal").GetString()!) };
        Assert.Equal(401, (int)(await http.GetAsync(new Uri("/internal/nodes/pending", UriKind.Relative), Patience)).StatusCode);
        Assert.Equal(401, (int)(await http.GetAsync(new Uri(up.Url, "/portal/models"), Patience)).StatusCode);
        Assert.DoesNotContain("PORTAL_", up.Ready.GetRawText() + up.Errors, StringComparison.Ordinal);
    }
}
