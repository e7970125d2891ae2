using System.Net;
using System.Text.Json;
using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCoder.Hosting.Tests.Identity;

public sealed class IdentityEndpointsTests
{
    [Fact]
    public async Task Anyone_gets_the_identity_and_its_proof_and_no_secret()
    {
        using var identity = new CoordinatorIdentity("coord-1", SigningKey.Generate(), "http://127.0.0.1:4301");
        var builder = ListenerExtensions.CreateRoleBuilder(ListenerSettings.Loopback(0));
        builder.Services.AddSingleton(identity);
        builder.Services.AddCallers(new(identity.PeerId), CredentialOptions.From(null, null, null), new());
        await using var app = builder.Build();
        app.UseProblems(NullLogger.Instance);
        app.UseCallers();
        app.MapIdentity("public_mesh");
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = app.ListensOn()[0] };

        var text = await client.GetStringAsync("/identity?challenge=AAECAwQFBgcICQoLDA0ODw", TestContext.Current.CancellationToken);
        Assert.True(IdentityProof.Verify("AAECAwQFBgcICQoLDA0ODw", JsonSerializer.Deserialize(text, MeshJson.Default.IdentityAnswer)!));
        Assert.DoesNotContain(identity.Key.ToPem()[28..60], text, StringComparison.Ordinal);
        using var refused = await client.GetAsync("/identity?challenge=AAAA", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }
}
