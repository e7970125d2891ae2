using System.Text.Json;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Nodes;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Tests.Coordinators;
using EdgeCoder.TestKit.Models;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tests.Nodes;

/// <summary>A portal with a scripted coordinator; messages to it are sent when the test says so.</summary>
internal sealed class NodeScene : IAsyncDisposable
{
    public const string ServiceToken = "service-token-of-the-tests-01234567890123";

    private NodeScene(PortalScene portal, ScriptedHome home) => (Portal, Home) = (portal, home);

    public PortalScene Portal { get; }

    public ScriptedHome Home { get; }

    public static string Key(char of) => new(of, 64);

    public static async Task<NodeScene> StartAsync(StoreKind kind = StoreKind.Sqlite, Func<NodeSettings, NodeSettings>? nodes = null, Func<EdgeSettings, EdgeSettings>? edges = null)
    {
        var home = await ScriptedHome.StartAsync();
        var portal = await PortalScene.StartAsync(kind, settings => new()
        {
            Listener = settings.Listener,
            DataDirectory = settings.DataDirectory,
            DatabaseUrl = settings.DatabaseUrl,
            Uniform = settings.Uniform,
            PasswordIterations = settings.PasswordIterations,
            Mail = settings.Mail,
            Edges = edges?.Invoke(home.Edges) ?? home.Edges,
            Nodes = nodes?.Invoke(new()) ?? new(),
        });
        await portal.Role.Services.GetRequiredService<NodeMessages>().StopAsync(TestContext.Current.CancellationToken);
        return new(portal, home);
    }

    public Task<(int Status, JsonElement Body)> EnrolAsync(string bearer, string nodeId, string kind = "agent", string? device = null) =>
        Portal.SendAsync("POST", "/nodes/enroll", device is null ? new { nodeId, nodeKind = kind } : new { nodeId, nodeKind = kind, deviceId = device }, bearer);

    public async Task<string> TokenAsync(string bearer, string nodeId)
    {
        var (status, body) = await EnrolAsync(bearer, nodeId);
        Assert.Equal(200, status);
        return body.GetProperty("registrationToken").GetString()!;
    }

    public async Task<(int Status, string? Reason, JsonElement Body)> ValidateAsync(string nodeId, string? token, char key, string kind = "agent")
    {
        var (status, body) = await InternalAsync("POST", "/internal/nodes/validate", new { nodeId, nodeKind = kind, registrationToken = token, publicKeySha256 = Key(key), sourceIp = "192.0.2.7" });
        return (status, body.GetProperty("reason").GetString(), body);
    }

    public Task<(int Status, JsonElement Body)> InternalAsync(string method, string path, object? body = null) => Portal.SendAsync(method, path, body, null, ("x-portal-service-token", ServiceToken));

    public Task<(int Status, JsonElement Body)> DecideAsync(string bearer, string nodeId, bool approved, string? reason = null) =>
        Portal.SendAsync("POST", "/coordinator/ops/node-approval", new { nodeId, nodeKind = "agent", approved, reason }, bearer);

    public async Task<JsonElement> NodeAsync(string bearer, string nodeId)
    {
        var (_, body) = await Portal.SendAsync("GET", "/nodes/me", bearer: bearer);
        return body.GetProperty("nodes").EnumerateArray().Single(node => node.GetProperty("nodeId").GetString() == nodeId);
    }

    public async Task<string?> StatusAsync(string bearer, string nodeId) => (await NodeAsync(bearer, nodeId)).GetProperty("status").GetString();

    /// <summary>Sends what waits until nothing that is due is left.</summary>
    public async Task SendAsync()
    {
        while (await Portal.Role.Services.GetRequiredService<NodeMessages>().SendDueAsync(TestContext.Current.CancellationToken) > 0)
        {
        }
    }

    public List<ServedRequest> Notified => [.. Home.Requests.Where(request => request.Path == "/nodes/notify")];

    public async ValueTask DisposeAsync()
    {
        await Portal.DisposeAsync();
        await Home.DisposeAsync();
    }
}
