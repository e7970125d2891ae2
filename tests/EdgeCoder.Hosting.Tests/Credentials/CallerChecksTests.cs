using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Tests.Callers;
using EdgeCoder.TestKit.Files;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Hosting.Tests.Credentials;

/// <summary>Credentials of coordinator-and-mesh 2.3 and the failure modes I2, I3, I5, I6, I8 of section 13.</summary>
public sealed class CallerChecksTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private CallerHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await CallerHost.StartAsync(_directory);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("GET", "/service", "x-mesh-token", CallerHost.MeshToken, "MeshService mesh")]
    [InlineData("GET", "/ops", "x-mesh-token", CallerHost.MeshToken, "MeshService mesh")]
    [InlineData("POST", "/tasks", "x-mesh-token", CallerHost.MeshToken, "MeshService mesh")]
    [InlineData("GET", "/portal", "x-portal-service-token", CallerHost.PortalToken, "PortalService portal")]
    [InlineData("GET", "/ops", "x-admin-token", CallerHost.AdminToken, "Operator env:bootstrap")]
    [InlineData("GET", "/ops", "Authorization", "Bearer " + CallerHost.AdminToken, "Operator env:bootstrap")]
    [InlineData("GET", "/people", "Authorization", "bearer " + CallerHost.AdminToken, "Operator env:bootstrap")]
    [InlineData("GET", "/tasks/t-1", "Authorization", "Bearer " + CallerHost.AdminToken, "Operator env:bootstrap")]
    [InlineData("GET", "/open", "x-mesh-token", "whatever", "Anyone anyone")]
    [InlineData("GET", "/health", "x-admin-token", CallerHost.AdminToken, "Operator env:bootstrap")]
    public async Task Credential_opens_its_routes(string method, string path, string header, string value, string caller)
    {
        var answer = await _host.SendAsync(new(method), path, (header, value));
        Assert.Equal(200, answer.Status);
        Assert.StartsWith(caller, answer.Text, StringComparison.Ordinal);
    }

    // I5, I8: a token of equal length and other bytes, an empty one, one of another edge.
    [Theory]
    [InlineData("/service", "x-mesh-token", "mesh-token-of-at-least-32-characterz", "mesh_unauthorized")]
    [InlineData("/service", "x-mesh-token", "", "mesh_unauthorized")]
    [InlineData("/service", "x-mesh-token", CallerHost.PortalToken, "mesh_unauthorized")]
    [InlineData("/service", "x-admin-token", CallerHost.AdminToken, "mesh_unauthorized")]
    [InlineData("/portal", "x-portal-service-token", CallerHost.MeshToken, "mesh_unauthorized")]
    [InlineData("/ops", "x-admin-token", "admin-token-of-at-least-32-characterz", "invalid_admin_token")]
    [InlineData("/ops", "x-portal-service-token", CallerHost.PortalToken, "invalid_admin_token")]
    [InlineData("/people", "x-mesh-token", CallerHost.MeshToken, "invalid_admin_token")]
    [InlineData("/health", "x-admin-token", "wrong", "invalid_admin_token")]
    [InlineData("/tasks/t-1", "Authorization", "Bearer wrong", "invalid_api_key")]
    [InlineData("/tasks/t-1", "Authorization", "Basic d3Jvbmc=", "account_required")]
    [InlineData("/agents/agent-1/explain", "x-mesh-token", CallerHost.MeshToken, "signature_invalid")]
    public async Task Wrong_or_foreign_credential_opens_nothing(string path, string header, string value, string error)
    {
        var answer = await _host.SendAsync(HttpMethod.Get, path, (header, value));
        Assert.Equal((401, error), (answer.Status, answer.Error));
        Assert.Equal(0, _host.Reached);
        Assert.DoesNotContain("characters", answer.Text, StringComparison.Ordinal);
    }

    // I5.
    [Fact]
    public async Task Mesh_token_opens_no_agent_route() =>
        Assert.Equal("signature_missing", (await _host.SendAsync(HttpMethod.Post, "/pull", ("x-mesh-token", CallerHost.MeshToken), ("x-admin-token", CallerHost.AdminToken))).Reason);

    // I6.
    [Theory]
    [InlineData("GET", "/service", "x-mesh-token", "service_credential_missing")]
    [InlineData("GET", "/portal", "x-portal-service-token", "service_credential_missing")]
    [InlineData("GET", "/people", "x-admin-token", "admin_dashboard_not_configured")]
    [InlineData("GET", "/ops", "x-mesh-token", "service_credential_missing")]
    [InlineData("POST", "/debug", "x-admin-token", "service_credential_missing")]
    public async Task Unset_credential_closes_its_routes(string method, string path, string header, string error)
    {
        using var directory = new TemporaryDirectory();
        await using var host = await CallerHost.StartAsync(directory, credentials: _ => CredentialOptions.From(null, "", null));
        Assert.Equal((503, error), await Of(host.SendAsync(new(method), path, (header, ""))));
        Assert.Equal((503, error), await Of(host.SendAsync(new(method), path, (header, CallerHost.MeshToken))));
        Assert.Equal(0, host.Reached);

        static async Task<(int, string?)> Of(Task<Answer> sent)
        {
            var answer = await sent;
            return (answer.Status, answer.Error);
        }
    }

    [Fact]
    public async Task Nobody_is_told_which_credential_the_route_takes_first()
    {
        Assert.Equal("account_required", (await _host.SendAsync(HttpMethod.Get, "/tasks/t-1")).Error);
        Assert.Equal("invalid_admin_token", (await _host.SendAsync(HttpMethod.Get, "/ops")).Error);
        Assert.Equal("mesh_unauthorized", (await _host.SendAsync(HttpMethod.Get, "/service")).Error);
        Assert.Equal("mesh_unauthorized", (await _host.SendAsync(HttpMethod.Get, "/portal")).Error);
        Assert.Equal("signature_missing", (await _host.SendAsync(HttpMethod.Get, "/agents/agent-1/explain")).Reason);
        Assert.StartsWith("Anyone", (await _host.SendAsync(HttpMethod.Get, "/health")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_credentials_are_needed_where_the_rule_says_so()
    {
        Assert.Equal(401, (await _host.SendAsync(HttpMethod.Post, "/debug", ("x-mesh-token", CallerHost.MeshToken))).Status);
        Assert.Equal(401, (await _host.SendAsync(HttpMethod.Post, "/debug", ("x-admin-token", CallerHost.AdminToken))).Status);
        Assert.Equal(401, (await _host.SendAsync(HttpMethod.Post, "/debug", ("x-mesh-token", CallerHost.MeshToken), ("x-admin-token", CallerHost.MeshToken))).Status);
        Assert.Equal(200, (await _host.SendAsync(HttpMethod.Post, "/debug", ("x-mesh-token", CallerHost.MeshToken), ("x-admin-token", CallerHost.AdminToken))).Status);
        Assert.Equal(1, _host.Reached);
    }

    [Fact]
    public async Task Api_key_acts_for_its_account_until_it_is_revoked()
    {
        var key = await WriteAsync(batch => IssuedSecret.ApiKey(batch, "laptop", "account-1", ["tenant-1", "tenant-2"], 1));
        var answer = await _host.SendAsync(HttpMethod.Post, "/tasks", ("Authorization", $"Bearer {key}"));
        Assert.Equal("Submitter laptop [account-1] [tenant-1,tenant-2] ", answer.Text);
        Assert.Equal(401, (await _host.SendAsync(HttpMethod.Get, "/ops", ("Authorization", $"Bearer {key}"))).Status);
        await WriteAsync(batch => batch.Execute("UPDATE api_keys SET revoked_at_ms = $1", 2L));
        _host.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("invalid_api_key", (await _host.SendAsync(HttpMethod.Post, "/tasks", ("Authorization", $"Bearer {key}"))).Error);
    }

    [Fact]
    public async Task Store_holds_hashes_and_no_keys()
    {
        var key = await WriteAsync(batch => IssuedSecret.ApiKey(batch, "laptop", "account-1", [], 1));
        await using var context = _host.Context();
        var row = Assert.Single(await context.Set<ApiKeyRow>().ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(SecretDigest.Hex(key), row.KeyHash);
        Assert.Equal("[secret]", new SecretDigest(key).ToString());
    }

    [Fact]
    public async Task Named_token_has_its_scopes_and_its_end()
    {
        var expires = _host.Time.GetUtcNow().ToUnixTimeMilliseconds() + 60_000;
        var reader = await WriteAsync(batch => IssuedSecret.AdminToken(batch, "anna", ["read"], 1, null));
        var people = await WriteAsync(batch => IssuedSecret.AdminToken(batch, "bert", ["read", "people"], 1, expires));
        Assert.StartsWith("Operator anna", (await _host.SendAsync(HttpMethod.Get, "/ops", ("x-admin-token", reader))).Text, StringComparison.Ordinal);
        var refused = await _host.SendAsync(HttpMethod.Get, "/people", ("x-admin-token", reader));
        Assert.Equal((403, "admin_scope_required"), (refused.Status, refused.Error));
        Assert.Equal(200, (await _host.SendAsync(HttpMethod.Get, "/people", ("x-admin-token", people))).Status);
        _host.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(401, (await _host.SendAsync(HttpMethod.Get, "/people", ("x-admin-token", people))).Status);
    }

    // I2.
    [Fact]
    public async Task Only_the_portal_names_actor_and_account()
    {
        var portal = await _host.SendAsync(HttpMethod.Get, "/tasks/t-1", ("x-portal-service-token", CallerHost.PortalToken), ("x-edgecoder-actor", "user-1"), ("x-edgecoder-account", "account-1"));
        Assert.Equal("PortalService user-1 [account-1] [] ", portal.Text);
        var mesh = await _host.SendAsync(HttpMethod.Get, "/tasks/t-1", ("x-mesh-token", CallerHost.MeshToken), ("x-edgecoder-actor", "user-1"), ("x-edgecoder-account", "account-1"));
        Assert.Equal("MeshService mesh [] [] ", mesh.Text);
        var broken = await _host.SendAsync(HttpMethod.Get, "/tasks/t-1", ("x-portal-service-token", CallerHost.PortalToken), ("x-edgecoder-account", "a b"));
        Assert.Equal((400, "validation_failed"), (broken.Status, broken.Error));
    }

    [Fact]
    public async Task Each_use_of_operator_rights_is_in_the_audit_log()
    {
        await _host.SendAsync(HttpMethod.Get, "/people?secret=x", ("x-admin-token", CallerHost.AdminToken));
        await _host.SendAsync(HttpMethod.Get, "/ops", ("x-mesh-token", CallerHost.MeshToken));
        await _host.SendAsync(HttpMethod.Get, "/service", ("x-mesh-token", CallerHost.MeshToken));
        await _host.SendAsync(HttpMethod.Get, "/ops", ("x-admin-token", "wrong"));
        await using var context = _host.Context();
        var uses = await context.Set<AdminAuditRow>().OrderBy(row => row.Path).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            [("GET", "/ops", "mesh"), ("GET", "/people", "env:bootstrap")],
            uses.Select(use => (use.Method, use.Path, use.Name)));
        Assert.All(uses, use => Assert.Equal("127.0.0.1", use.Address));
    }

    [Fact]
    public async Task Route_without_a_rule_is_closed_to_everyone()
    {
        Assert.Equal(500, (await _host.SendAsync(HttpMethod.Get, "/unguarded", ("x-admin-token", CallerHost.AdminToken))).Status);
        Assert.Equal((404, "not_found"), await NotFound());
        Assert.Equal(405, (await _host.SendAsync(HttpMethod.Delete, "/open")).Status);

        async Task<(int, string?)> NotFound()
        {
            var answer = await _host.SendAsync(HttpMethod.Get, "/nowhere");
            return (answer.Status, answer.Error);
        }
    }

    private Task<T> WriteAsync<T>(Func<EdgeCoder.Hosting.Storage.IStoreBatch, T> operation) => _host.Writer.WriteAsync(operation, TestContext.Current.CancellationToken);
}
