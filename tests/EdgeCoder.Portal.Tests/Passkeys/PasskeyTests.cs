using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Tests.Composition;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Tests.Passkeys;

/// <summary>Passkeys and step-up over HTTP, with an authenticator that can be wrong in one point (portal-and-control-plane 7, A10, D7).</summary>
public sealed class PasskeyTests
{
    private const string Ann = "ann@example.org";

    [Fact]
    public async Task A_passkey_that_was_added_signs_in()
    {
        await using var scene = await PortalScene.StartAsync();
        var (session, authenticator) = await RegisteredAsync(scene);
        using var _ = authenticator;

        var (status, body) = await SignInAsync(scene, authenticator);

        Assert.Equal((200, Ann), (status, body.GetProperty("user").GetProperty("email").GetString()));
        Assert.Equal(200, (await scene.SendAsync("GET", "/me", bearer: body.GetProperty("sessionToken").GetString())).Status);
        var kept = Assert.Single((await scene.SendAsync("GET", "/me/passkeys", bearer: session)).Body.GetProperty("passkeys").EnumerateArray());
        Assert.Equal(("Desk", JsonValueKind.Number), (kept.GetProperty("name").GetString(), kept.GetProperty("lastUsedAtMs").ValueKind));
        Assert.StartsWith("A passkey was added", (await scene.MailsAsync(Ann))[^1].Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_is_good_once()
    {
        await using var scene = await PortalScene.StartAsync();
        var (_, authenticator) = await RegisteredAsync(scene);
        using var _1 = authenticator;
        var asked = (await scene.SendAsync("POST", "/auth/passkey/login/options", new { email = "" })).Body;
        var answer = new { challengeId = asked.GetProperty("challengeId").GetString(), response = authenticator.Assert(asked.GetProperty("options")) };

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => scene.SendAsync("POST", "/auth/passkey/login/verify", answer)));

        Assert.Equal([200, 400, 400, 400], answers.Select(one => one.Status).Order());
        Assert.Equal("passkey_challenge_invalid", answers.First(one => one.Status == 400).Body.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("without verification of the person")]
    [InlineData("from another origin")]
    [InlineData("inside a page of another origin")]
    [InlineData("for another relying party")]
    [InlineData("with a counter that went back")]
    [InlineData("with the handle of another person")]
    [InlineData("over another challenge")]
    [InlineData("with another signature")]
    [InlineData("of an unknown credential")]
    public async Task A_wrong_answer_opens_nothing(string how)
    {
        await using var scene = await PortalScene.StartAsync();
        var (_, authenticator) = await RegisteredAsync(scene);
        using var _1 = authenticator;
        authenticator.Counter = 10;
        Assert.Equal(200, (await SignInAsync(scene, authenticator)).Status);
        var asked = (await scene.SendAsync("POST", "/auth/passkey/login/options")).Body;
        var options = JsonNode.Parse(asked.GetProperty("options").GetRawText())!;
        using var stranger = new SoftwareAuthenticator { Origin = authenticator.Origin, UserHandle = authenticator.UserHandle };
        switch (how)
        {
            case "without verification of the person": authenticator.Verifies = false; break;
            case "from another origin": authenticator.Origin = "http://localhost:1"; break;
            case "inside a page of another origin": authenticator.CrossOrigin = true; break;
            case "for another relying party": authenticator.RpId = "evil.example"; break;
            case "with a counter that went back": authenticator.Counter = 3; break;
            case "with the handle of another person": authenticator.UserHandle = System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Guid.NewGuid().ToString())); break;
            case "over another challenge": options["challenge"] = System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)); break;
        }

        var response = (how == "of an unknown credential" ? stranger : authenticator).Assert(JsonElement.Parse(options.ToJsonString()));
        if (how == "with another signature")
        {
            response["response"]!["signature"] = stranger.Assert(JsonElement.Parse(options.ToJsonString()))["response"]!["signature"]!.GetValue<string>();
        }

        var (status, body) = await scene.SendAsync("POST", "/auth/passkey/login/verify", new { challengeId = asked.GetProperty("challengeId").GetString(), response });

        Assert.Equal((401, "passkey_login_failed"), (status, body.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Every_form_of_base64_is_taken()
    {
        await using var scene = await PortalScene.StartAsync();
        var (_, authenticator) = await RegisteredAsync(scene);
        using var _1 = authenticator;
        var asked = (await scene.SendAsync("POST", "/auth/passkey/login/options")).Body;
        var response = authenticator.Assert(asked.GetProperty("options"));
        foreach (var member in new[] { "clientDataJSON", "authenticatorData", "signature", "userHandle" })
        {
            response["response"]![member] = Padded(response["response"]![member]!.GetValue<string>());
        }

        response["id"] = "";
        response["rawId"] = Padded(response["rawId"]!.GetValue<string>());
        Assert.Equal(200, (await scene.SendAsync("POST", "/auth/passkey/login/verify", new { challengeId = asked.GetProperty("challengeId").GetString(), response })).Status);
    }

    [Fact]
    public async Task Options_tell_nothing_of_an_address()
    {
        await using var scene = await PortalScene.StartAsync();
        var (_, authenticator) = await RegisteredAsync(scene);
        authenticator.Dispose();
        var shapes = new HashSet<string>();
        foreach (var body in new object[] { new { }, new { email = "" }, new { email = Ann }, new { email = "nobody@example.org" } })
        {
            var options = JsonNode.Parse((await scene.SendAsync("POST", "/auth/passkey/login/options", body)).Body.GetProperty("options").GetRawText())!;
            Assert.Equal("required", options["userVerification"]!.GetValue<string>());
            Assert.Empty(options["allowCredentials"]?.AsArray() ?? []);
            options["challenge"] = "";
            shapes.Add(options.ToJsonString());
        }

        Assert.Single(shapes);
    }

    [Fact]
    public async Task A_passkey_is_added_soon_after_sign_in_only_and_never_twice()
    {
        await using var scene = await PortalScene.StartAsync();
        var (session, authenticator) = await RegisteredAsync(scene);
        using var _ = authenticator;
        Assert.Equal("passkey_registration_failed", (await RegisterAsync(scene, session, authenticator)).Body.GetProperty("error").GetString());

        scene.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("step_up_required", (await scene.SendAsync("POST", "/auth/passkey/register/options", new { }, session)).Body.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Removing_a_passkey_needs_an_assertion_over_this_very_removal()
    {
        await using var scene = await PortalScene.StartAsync();
        var (session, authenticator) = await RegisteredAsync(scene);
        using var _ = authenticator;
        using var second = new SoftwareAuthenticator { Origin = authenticator.Origin };
        await RegisterAsync(scene, session, second);
        var ids = (await scene.SendAsync("GET", "/me/passkeys", bearer: session)).Body.GetProperty("passkeys").EnumerateArray().Select(row => row.GetProperty("id").GetString()!).ToList();
        Assert.Equal("step_up_required", (await RemoveAsync(scene, session, ids[0], null)).Body.GetProperty("error").GetString());

        Assert.Equal("step_up_required", (await RemoveAsync(scene, session, ids[0], await ConfirmAsync(scene, session, ids[1], authenticator))).Body.GetProperty("error").GetString());
        var other = await scene.LoginAsync(Ann);
        Assert.Equal("passkey_challenge_invalid", (await RemoveAsync(scene, session, ids[0], await ConfirmAsync(scene, other, ids[0], authenticator))).Body.GetProperty("error").GetString());
        var late = await ConfirmAsync(scene, session, ids[0], authenticator);
        scene.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("passkey_challenge_invalid", (await RemoveAsync(scene, session, ids[0], late)).Body.GetProperty("error").GetString());

        var confirmed = await ConfirmAsync(scene, session, ids[0], authenticator);
        var (status, body) = await RemoveAsync(scene, session, ids[0], confirmed);
        Assert.Equal(200, status);
        Assert.Equal(401, (await scene.SendAsync("GET", "/me", bearer: session)).Status);
        var renewed = body.GetProperty("sessionToken").GetString();
        Assert.Equal(ids[1], Assert.Single((await scene.SendAsync("GET", "/me/passkeys", bearer: renewed)).Body.GetProperty("passkeys").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal("passkey_challenge_invalid", (await RemoveAsync(scene, renewed!, ids[1], confirmed)).Body.GetProperty("error").GetString());
    }

    [Fact]
    public async Task The_challenge_of_a_step_up_covers_the_bytes_that_are_shown()
    {
        await using var scene = await PortalScene.StartAsync();
        var (session, authenticator) = await RegisteredAsync(scene);
        authenticator.Dispose();
        var asked = (await scene.SendAsync("POST", "/auth/step-up/options", new { action = "passkey.delete", @params = new { passkeyId = "x" } }, session)).Body;
        var canonical = Encoding.UTF8.GetBytes(asked.GetProperty("canonicalAction").GetString()!);
        Assert.Equal(asked.GetProperty("actionHash").GetString(), Convert.ToHexStringLower(SHA256.HashData(canonical)));

        // The state of the framework's handler, pinned: challenge and user.
        var row = await scene.ReadAsync(store => store.Set<ChallengeRow>().SingleAsync(one => one.Flow == ChallengeFlow.StepUp, TestContext.Current.CancellationToken));
        var state = JsonNode.Parse(row.State)!.AsObject();
        Assert.Equal(["challenge", "userId"], state.Select(member => member.Key).Order());
        Assert.Equal(Padded(asked.GetProperty("options").GetProperty("challenge").GetString()!), state["challenge"]!.GetValue<string>());
        Assert.Equal(canonical, row.CanonicalAction);
    }

    [Fact]
    public async Task Passkeys_of_somebody_else_are_not_there()
    {
        await using var scene = await PortalScene.StartAsync();
        var (session, authenticator) = await RegisteredAsync(scene);
        using var _ = authenticator;
        var bob = await scene.PersonAsync("bob@example.org");
        var id = (await scene.SendAsync("GET", "/me/passkeys", bearer: session)).Body.GetProperty("passkeys")[0].GetProperty("id").GetString();
        Assert.Equal("passkey_not_found", (await scene.SendAsync("PATCH", "/me/passkeys/" + id, new { name = "mine" }, bob)).Body.GetProperty("error").GetString());
        Assert.Equal(0, (await scene.SendAsync("GET", "/me/passkeys", bearer: bob)).Body.GetProperty("passkeys").GetArrayLength());
        Assert.Equal(200, (await scene.SendAsync("PATCH", "/me/passkeys/" + id, new { name = "Renamed" }, session)).Status);
    }

    [Fact]
    public async Task Another_name_of_the_portal_is_refused_while_passkeys_exist_unless_it_is_confirmed()
    {
        var passkeys = new PasskeySettings();
        await using var scene = await PortalScene.StartAsync(change: settings => new PortalSettings { Listener = settings.Listener, DataDirectory = settings.DataDirectory, PasswordIterations = 10, Mail = settings.Mail, Passkeys = passkeys });
        var (_, authenticator) = await RegisteredAsync(scene);
        authenticator.Dispose();
        passkeys = passkeys with { RpId = "portal.example.org" };
        Assert.Contains("PASSKEY_RP_ID_CHANGE=confirm", (await Assert.ThrowsAsync<StoreRefusedException>(scene.RestartAsync)).Message, StringComparison.Ordinal);

        scene.Time.Advance(TimeSpan.FromSeconds(1));
        passkeys = passkeys with { ChangeConfirmed = true };
        await scene.RestartAsync();
        Assert.Equal("Your EdgeCoder passkeys stopped working", (await scene.MailsAsync(Ann))[^1].Subject);
        Assert.Equal(0, await scene.ReadAsync(store => store.Set<PasskeyRow>().CountAsync(TestContext.Current.CancellationToken)));
    }

    private static async Task<(string Session, SoftwareAuthenticator Authenticator)> RegisteredAsync(PortalScene scene)
    {
        var session = await scene.PersonAsync(Ann);
        var authenticator = new SoftwareAuthenticator { Origin = $"http://localhost:{scene.Url.Port}" };
        Assert.Equal(200, (await RegisterAsync(scene, session, authenticator)).Status);
        return (session, authenticator);
    }

    private static async Task<(int Status, JsonElement Body)> RegisterAsync(PortalScene scene, string session, SoftwareAuthenticator authenticator)
    {
        var offered = (await scene.SendAsync("POST", "/auth/passkey/register/options", new { }, session)).Body;
        Assert.Equal(("localhost", "EdgeCoder Portal"), (offered.GetProperty("options").GetProperty("rp").GetProperty("id").GetString(), offered.GetProperty("options").GetProperty("rp").GetProperty("name").GetString()));
        return await scene.SendAsync("POST", "/auth/passkey/register/verify", new { challengeId = offered.GetProperty("challengeId").GetString(), response = authenticator.Register(offered.GetProperty("options")), name = "Desk" }, session);
    }

    private static async Task<(int Status, JsonElement Body)> SignInAsync(PortalScene scene, SoftwareAuthenticator authenticator)
    {
        var asked = (await scene.SendAsync("POST", "/auth/passkey/login/options", new { email = "" })).Body;
        return await scene.SendAsync("POST", "/auth/passkey/login/verify", new { challengeId = asked.GetProperty("challengeId").GetString(), response = authenticator.Assert(asked.GetProperty("options")) });
    }

    private static async Task<object> ConfirmAsync(PortalScene scene, string session, string id, SoftwareAuthenticator authenticator)
    {
        var asked = (await scene.SendAsync("POST", "/auth/step-up/options", new { action = "passkey.delete", @params = new { passkeyId = id } }, session)).Body;
        return new { challengeId = asked.GetProperty("challengeId").GetString(), response = authenticator.Assert(asked.GetProperty("options")) };
    }

    private static Task<(int Status, JsonElement Body)> RemoveAsync(PortalScene scene, string session, string id, object? stepUp) => scene.SendAsync("DELETE", "/me/passkeys/" + id, new { stepUp }, session);

    private static string Padded(string text) => Convert.ToBase64String(System.Buffers.Text.Base64Url.DecodeFromChars(text));
}
