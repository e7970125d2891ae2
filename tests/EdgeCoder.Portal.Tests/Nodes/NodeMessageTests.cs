using EdgeCoder.Portal.Nodes;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Tests.Nodes;

/// <summary>What the coordinator is told of nodes (portal-and-control-plane 9.2, 9.3; failure modes N9, N12).</summary>
public sealed class NodeMessageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_decision_reaches_the_coordinator_and_says_only_which_node()
    {
        await using var scene = await NodeScene.StartAsync();
        var (ann, root) = await PendingAsync(scene);
        await scene.SendAsync();
        var before = scene.Notified.Count;
        await scene.DecideAsync(root, "node-a", true);
        await scene.DecideAsync(root, "node-a", true);
        await scene.SendAsync();
        var told = Assert.Single(scene.Notified.Skip(before));
        Assert.Equal("""{"nodeId":"node-a"}""", told.Body.GetRawText());
        Assert.DoesNotContain(ann, told.Headers.Values);
    }

    [Fact]
    public async Task Rewards_are_linked_once_to_the_owners_account()
    {
        await using var scene = await NodeScene.StartAsync();
        var (ann, _) = await PendingAsync(scene);
        Assert.Equal("asked", (await scene.NodeAsync(ann, "node-a")).GetProperty("rewards").GetString());
        await scene.SendAsync();
        var owner = (await scene.Portal.SendAsync("GET", "/me", bearer: ann)).Body.GetProperty("user").GetProperty("userId").GetString()!;
        var link = Assert.Single(scene.Home.Requests, request => request.Path == $"/credits/accounts/acct-{owner}/agents/link");
        Assert.Equal(("node-a", "user:" + owner, "user:" + owner), (link.Body.GetProperty("agentId").GetString(), link.Body.GetProperty("ownerUserId").GetString(), link.Headers["x-edgecoder-actor"]));
        Assert.Equal("linked", (await scene.NodeAsync(ann, "node-a")).GetProperty("rewards").GetString());
        await scene.ValidateAsync("node-a", await scene.TokenAsync(ann, "node-a"), 'b');
        await scene.SendAsync();
        Assert.Single(scene.Home.Requests, request => request.Path.EndsWith("/agents/link", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_link_that_somebody_else_has_stays_and_is_told()
    {
        await using var scene = await NodeScene.StartAsync();
        scene.Home.Answers = request => request.Path.EndsWith("/agents/link", StringComparison.Ordinal) ? (409, new { error = "agent_link_conflict", detail = "Linked." }) : (200, new { ok = true });
        var (ann, _) = await PendingAsync(scene);
        await scene.SendAsync();
        Assert.Equal("conflict", (await scene.NodeAsync(ann, "node-a")).GetProperty("rewards").GetString());
        Assert.Equal(0, await scene.Portal.ReadAsync(store => store.Set<NodeMessageRow>().CountAsync(Cancellation)));
    }

    [Fact]
    public async Task What_the_coordinator_did_not_take_is_told_again_after_a_pause_and_a_restart()
    {
        await using var scene = await NodeScene.StartAsync();
        scene.Home.Answers = _ => (503, new { error = "storage_unavailable", detail = "Later." });
        await PendingAsync(scene);
        await scene.SendAsync();
        Assert.Equal(2, await scene.Portal.ReadAsync(store => store.Set<NodeMessageRow>().CountAsync(Cancellation)));
        scene.Home.Answers = _ => (200, new { ok = true });
        await scene.SendAsync();
        Assert.Equal(2, await scene.Portal.ReadAsync(store => store.Set<NodeMessageRow>().CountAsync(Cancellation)));
        scene.Portal.Time.Advance(TimeSpan.FromMinutes(2));
        await scene.SendAsync();
        Assert.Equal(0, await scene.Portal.ReadAsync(store => store.Set<NodeMessageRow>().CountAsync(Cancellation)));
    }

    private static async Task<(string Owner, string Root)> PendingAsync(NodeScene scene)
    {
        var (ann, root) = (await scene.Portal.PersonAsync("ann@example.org"), await scene.Portal.AdministratorAsync());
        await scene.ValidateAsync("node-a", await scene.TokenAsync(ann, "node-a"), 'a');
        return (ann, root);
    }
}
