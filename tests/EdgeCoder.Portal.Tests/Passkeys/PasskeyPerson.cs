using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Portal.Tests.Composition;

namespace EdgeCoder.Portal.Tests.Passkeys;

/// <summary>Somebody who is signed in, with a passkey that confirms what they do.</summary>
internal sealed class PasskeyPerson : IDisposable
{
    private readonly PortalScene _scene;
    private readonly SoftwareAuthenticator _authenticator;

    private PasskeyPerson(PortalScene scene, string session, string id, SoftwareAuthenticator authenticator) => (_scene, Session, Id, _authenticator) = (scene, session, id, authenticator);

    /// <summary>Key of the session; a new one after each confirmation.</summary>
    public string Session { get; set; }

    /// <summary>Id of the account.</summary>
    public string Id { get; }

    /// <summary>Gives somebody with a session a passkey.</summary>
    public static async Task<PasskeyPerson> OfAsync(PortalScene scene, string session)
    {
        var authenticator = new SoftwareAuthenticator { Origin = $"http://localhost:{scene.Url.Port}" };
        var offered = (await scene.SendAsync("POST", "/auth/passkey/register/options", new { }, session)).Body;
        var (status, body) = await scene.SendAsync("POST", "/auth/passkey/register/verify", new { challengeId = offered.GetProperty("challengeId").GetString(), response = authenticator.Register(offered.GetProperty("options")) }, session);
        Assert.True(status == 200, body.ToString());
        return new(scene, session, (await scene.SendAsync("GET", "/me", bearer: session)).Body.GetProperty("user").GetProperty("userId").GetString()!, authenticator);
    }

    public Task<(int Status, JsonElement Body)> SendAsync(string method, string path, object? body = null) => _scene.SendAsync(method, path, body, Session);

    /// <summary>An assertion over an action.</summary>
    public async Task<JsonNode> AssertAsync(string action, JsonObject parameters)
    {
        var (status, asked) = await SendAsync("POST", "/auth/step-up/options", new JsonObject { ["action"] = action, ["params"] = parameters.DeepClone() });
        Assert.True(status == 200, asked.ToString());
        return new JsonObject { ["challengeId"] = asked.GetProperty("challengeId").GetString(), ["response"] = _authenticator.Assert(asked.GetProperty("options")) };
    }

    /// <summary>Confirms an action and sends it, with the parameters as members of the body.</summary>
    public async Task<(int Status, JsonElement Body)> ConfirmedAsync(string method, string path, string action, JsonObject parameters, JsonObject? body = null)
    {
        var sent = body ?? parameters.DeepClone().AsObject();
        sent["stepUp"] = await AssertAsync(action, parameters);
        var answer = await SendAsync(method, path, sent);
        if (answer.Body.ValueKind == JsonValueKind.Object && answer.Body.TryGetProperty("sessionToken", out var key))
        {
            Session = key.GetString()!;
        }

        return answer;
    }

    public void Dispose() => _authenticator.Dispose();
}
