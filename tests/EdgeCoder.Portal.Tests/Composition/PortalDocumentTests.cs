using EdgeCoder.Hosting.Settings;
using EdgeCoder.Portal.Composition;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Portal.Tests.Composition;

/// <summary>docs/portal.md has every route for programs and every setting.</summary>
public sealed class PortalDocumentTests
{
    // Settings of every role, or named in the sentence about what a public portal needs.
    private static readonly string[] Elsewhere = ["EDGECODER_", "TRUSTED_PROXIES", "EDGE_ENV", "NODE_ENV", "CONTROL_PLANE_", "COORDINATOR_URL", "PORTAL_SERVICE_TOKEN", "PORTAL_COORDINATOR_TOKEN"];

    private static readonly string Document = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "portal.md"));

    [Fact]
    public async Task Every_route_for_programs_is_in_the_table()
    {
        await using var scene = await PortalScene.StartAsync();
        foreach (var route in scene.Role.Routes.OfType<RouteEndpoint>())
        {
            var (method, path) = (route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0], route.RoutePattern.RawText!);
            if (method != "GET" || path is "/me" or "/me/sessions" or "/me/passkeys" or "/nodes/me" or "/nodes/discover-coordinator" or "/internal/nodes/pending" or "/internal/stats/counts" or "/health" or "/auth/capabilities")
            {
                Assert.Contains($"`{method} {path}`", Document, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Every_setting_that_is_read_is_in_the_table()
    {
        var read = new HashSet<string>();
        PortalSettings.Read(
            new SettingsReader(name =>
            {
                read.Add(name);
                return null;
            }),
            "/data");
        Assert.True(read.Count > 30);
        Assert.Equal([], read.Where(name => !name.EndsWith("_FILE", StringComparison.Ordinal) && !Elsewhere.Any(name.StartsWith) && !Document.Contains($"`{name}`", StringComparison.Ordinal)));
    }
}
