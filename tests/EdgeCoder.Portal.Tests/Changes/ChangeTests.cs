using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Changes;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Tests.Passkeys;
using EdgeCoder.Portal.Tests.Roles;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tests.Changes;

/// <summary>Changes that need two persons, at the example of another system-admin (portal-and-control-plane 10.1, 10.2, K9).</summary>
public sealed class ChangeTests
{
    private const string Carol = "carol@example.org";

    [Fact]
    public async Task With_one_administrator_one_is_enough_and_with_two_a_second_decides()
    {
        await using var scene = await PortalScene.StartAsync();
        var (root, ann) = await TwoAsync(scene);
        using var _ = root;
        using var _1 = ann;
        var carol = await RoleCompliance.IdAsync(scene, await scene.PersonAsync(Carol));

        var (status, body) = await RoleCompliance.ChangeAsync(root, carol, "grant", "system-admin");
        Assert.Equal((202, "pending_approval"), (status, body.GetProperty("status").GetString()));
        Assert.False(await IsAdminAsync(root, Carol));
        var id = body.GetProperty("changeId").GetString()!;
        var shown = (await ann.SendAsync("GET", "/portal/api/changes/" + id)).Body;
        Assert.Equal(body.GetProperty("actionHash").GetString(), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(shown.GetProperty("canonicalAction").GetString()!))));

        Assert.Equal("approver_is_proposer", RoleCompliance.Error(await ApproveAsync(root, shown)));
        Assert.Equal("step_up_required", RoleCompliance.Error(await ann.SendAsync("POST", $"/portal/api/changes/{id}/approve", new { })));
        Assert.False(await IsAdminAsync(root, Carol));
        var (approved, answer) = await ApproveAsync(ann, shown);

        Assert.True(approved == 200, answer.ToString());
        Assert.Equal("executed", answer.GetProperty("status").GetString());
        Assert.True(await IsAdminAsync(root, Carol));
        Assert.Equal("change_not_pending", RoleCompliance.Error(await ApproveAsync(ann, shown)));
        var actions = (await root.SendAsync("GET", "/portal/api/audit?target=change:" + id)).Body.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("action").GetString());
        Assert.Equal(["change.executed", "change.approved", "change.proposed"], actions);
    }

    [Fact]
    public async Task Altered_bytes_are_not_executed()
    {
        await using var scene = await PortalScene.StartAsync();
        var (root, ann) = await TwoAsync(scene);
        using var _ = root;
        using var _1 = ann;
        var carol = await RoleCompliance.IdAsync(scene, await scene.PersonAsync(Carol));
        var mallory = await RoleCompliance.IdAsync(scene, await scene.PersonAsync("mallory@example.org"));
        var change = await ProposedAsync(root, carol);
        var forged = Encoding.UTF8.GetBytes(change.GetProperty("canonicalAction").GetString()!.Replace(carol, mallory, StringComparison.Ordinal));
        await scene.Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(batch => batch.Execute("UPDATE changes SET canonical_action = $1", forged), TestContext.Current.CancellationToken);

        Assert.Equal("change_altered", RoleCompliance.Error(await ApproveAsync(ann, change)));
        Assert.False(await IsAdminAsync(root, "mallory@example.org"));
        Assert.False(await IsAdminAsync(root, Carol));
    }

    [Fact]
    public async Task A_confirmation_of_another_change_approves_nothing()
    {
        await using var scene = await PortalScene.StartAsync();
        var (root, ann) = await TwoAsync(scene);
        using var _ = root;
        using var _1 = ann;
        var first = await ProposedAsync(root, await RoleCompliance.IdAsync(scene, await scene.PersonAsync(Carol)));
        var second = await ProposedAsync(root, await RoleCompliance.IdAsync(scene, await scene.PersonAsync("dan@example.org")));
        var confirmed = await ann.AssertAsync(ChangeDesk.ApproveAction, Approval(first));
        Assert.Equal("step_up_required", RoleCompliance.Error(await ann.SendAsync("POST", $"/portal/api/changes/{second.GetProperty("changeId").GetString()}/approve", new JsonObject { ["stepUp"] = confirmed })));
    }

    [Fact]
    public async Task Two_approvals_at_once_execute_once()
    {
        await using var scene = await PortalScene.StartAsync();
        var (root, ann) = await TwoAsync(scene);
        using var _ = root;
        using var _1 = ann;
        var change = await ProposedAsync(root, await RoleCompliance.IdAsync(scene, await scene.PersonAsync(Carol)));
        var (one, other) = (await ann.AssertAsync(ChangeDesk.ApproveAction, Approval(change)), await ann.AssertAsync(ChangeDesk.ApproveAction, Approval(change)));

        var answers = await Task.WhenAll(new[] { one, other }.Select(proof => ann.SendAsync("POST", $"/portal/api/changes/{change.GetProperty("changeId").GetString()}/approve", new JsonObject { ["stepUp"] = proof })));

        Assert.Equal(1, answers.Count(answer => answer.Status == 200));
        Assert.Equal(1, (await root.SendAsync("GET", "/portal/api/audit?action=change.executed")).Body.GetProperty("lines").GetArrayLength());
    }

    [Fact]
    public async Task Rejected_withdrawn_and_late_changes_are_over()
    {
        await using var scene = await PortalScene.StartAsync();
        var (root, ann) = await TwoAsync(scene);
        using var _ = root;
        using var _1 = ann;
        var carol = await RoleCompliance.IdAsync(scene, await scene.PersonAsync(Carol));
        var (rejected, withdrawn) = (await ProposedAsync(root, carol), await ProposedAsync(root, carol));
        Assert.Equal("validation_failed", RoleCompliance.Error(await DecideAsync(ann, rejected, "reject", new { reason = "ask root@example.org" })));
        Assert.Equal("approver_is_proposer", RoleCompliance.Error(await DecideAsync(root, rejected, "reject", new { reason = "not needed" })));
        Assert.Equal(200, (await DecideAsync(ann, rejected, "reject", new { reason = "not needed" })).Status);
        Assert.Equal("change_not_pending", RoleCompliance.Error(await ApproveAsync(ann, rejected)));
        Assert.Equal("not_the_proposer", RoleCompliance.Error(await DecideAsync(ann, withdrawn, "withdraw", new { })));
        Assert.Equal(200, (await DecideAsync(root, withdrawn, "withdraw", new { })).Status);
        Assert.Equal("change_not_found", RoleCompliance.Error(await root.SendAsync("GET", "/portal/api/changes/" + Guid.NewGuid())));

        var late = await ProposedAsync(root, carol);
        scene.Time.Advance(TimeSpan.FromHours(24));
        root.Session = await scene.LoginAsync("root@example.org");
        ann.Session = await scene.LoginAsync("ann@example.org");
        Assert.Equal("change_expired", RoleCompliance.Error(await ApproveAsync(ann, late)));
        await scene.Role.Services.GetRequiredService<ExpiredRows>().PurgeAsync(TestContext.Current.CancellationToken);
        var states = (await root.SendAsync("GET", "/portal/api/changes")).Body.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("status").GetString());
        Assert.Equal(["expired", "rejected", "withdrawn"], states.Order());
        Assert.False(await IsAdminAsync(root, Carol));
    }

    [Fact]
    public async Task A_change_whose_proposer_lost_the_role_fails()
    {
        await using var scene = await PortalScene.StartAsync();
        var (root, ann) = await TwoAsync(scene);
        using var _ = root;
        using var _1 = ann;
        var change = await ProposedAsync(root, await RoleCompliance.IdAsync(scene, await scene.PersonAsync(Carol)));
        Assert.Equal(200, (await RoleCompliance.ChangeAsync(ann, root.Id, "revoke", "system-admin")).Status);

        var (status, body) = await ApproveAsync(ann, change);

        Assert.Equal((200, "failed", "approver_lacks_role"), (status, body.GetProperty("status").GetString(), body.GetProperty("reason").GetString()));
        Assert.False(await IsAdminAsync(ann, Carol));
    }

    [Theory]
    [InlineData("agent.approve=two_persons", 0)]
    [InlineData("agent.approve=step_up,blacklist.lift=two_persons", 0)]
    [InlineData("role.grant_admin=step_up", 1)]
    [InlineData("agent.approve=single", 1)]
    [InlineData("what=two_persons", 1)]
    public void The_policy_is_only_raised(string text, int faults)
    {
        var reader = new SettingsReader(name => name == "APPROVAL_POLICY" ? text : null);
        var policy = ApprovalPolicy.Read(reader);
        Assert.Equal(faults, reader.Faults.Count);
        Assert.Equal(ApprovalLevel.TwoPersons, policy.Of(ApprovalPolicy.GrantAdmin));
        Assert.Equal(text.Contains("blacklist", StringComparison.Ordinal) ? ApprovalLevel.TwoPersons : ApprovalLevel.StepUp, policy.Of("blacklist.lift"));
    }

    private static async Task<(PasskeyPerson Root, PasskeyPerson Ann)> TwoAsync(PortalScene scene)
    {
        var root = await PasskeyPerson.OfAsync(scene, await scene.AdministratorAsync());
        var key = await scene.PersonAsync("ann@example.org");
        var (status, body) = await RoleCompliance.ChangeAsync(root, await RoleCompliance.IdAsync(scene, key), "grant", "system-admin");
        Assert.True(status == 200, body.ToString());
        return (root, await PasskeyPerson.OfAsync(scene, await scene.LoginAsync("ann@example.org")));
    }

    private static async Task<JsonElement> ProposedAsync(PasskeyPerson person, string id)
    {
        var (status, body) = await RoleCompliance.ChangeAsync(person, id, "grant", "system-admin");
        Assert.True(status == 202, body.ToString());
        return (await person.SendAsync("GET", "/portal/api/changes/" + body.GetProperty("changeId").GetString())).Body;
    }

    private static JsonObject Approval(JsonElement change) => new() { ["changeId"] = change.GetProperty("changeId").GetString(), ["actionHash"] = change.GetProperty("actionHash").GetString() };

    private static Task<(int Status, JsonElement Body)> ApproveAsync(PasskeyPerson person, JsonElement change) =>
        person.ConfirmedAsync("POST", $"/portal/api/changes/{change.GetProperty("changeId").GetString()}/approve", ChangeDesk.ApproveAction, Approval(change));

    private static Task<(int Status, JsonElement Body)> DecideAsync(PasskeyPerson person, JsonElement change, string what, object body) => person.SendAsync("POST", $"/portal/api/changes/{change.GetProperty("changeId").GetString()}/{what}", body);

    private static async Task<bool> IsAdminAsync(PasskeyPerson person, string email) =>
        (await person.SendAsync("GET", "/portal/api/admin/users?query=" + email)).Body.GetProperty("users")[0].GetProperty("role").GetString() == "admin";
}
