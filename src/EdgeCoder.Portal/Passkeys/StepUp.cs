using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using EdgeCoder.Protocol.Canonical;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>
/// A passkey's assertion over one action (portal-and-control-plane 7). The action is canonical JSON (RFC 8785) that the server makes once and keeps as bytes; the
/// challenge is SHA-256("edgecoder-step-up-v1" ‖ 0x00 ‖ nonce32 ‖ SHA-256(bytes)), so an assertion is good for these bytes and no others. What is executed are the
/// parameters in the bytes.
/// </summary>
internal sealed class StepUp(ChallengeStore challenges, PasskeyDesk desk, RelyingParty party, TimeProvider time)
{
    private static readonly byte[] Label = "edgecoder-step-up-v1\0"u8.ToArray();

    /// <summary>Options of an assertion over an action. 409 <c>passkey_required</c> for who has no passkey.</summary>
    public async Task<JsonObject> AskAsync(HttpContext context, SignedIn person, string action, JsonObject parameters)
    {
        if ((await desk.ListAsync(person.AccountId, context.RequestAborted).ConfigureAwait(false)).Count == 0)
        {
            throw new Refusal(409, "passkey_required", "This needs a passkey. Add one in the settings.");
        }

        var (id, until) = (Guid.NewGuid().ToString(), challenges.ExpiresAtMs);
        var canonical = CanonicalJson.Write(new JsonObject { ["v"] = 1, ["action"] = action, ["actor"] = person.Actor, ["params"] = parameters.DeepClone(), ["challengeId"] = id, ["expiresAtMs"] = until });
        var user = await context.RequestServices.GetRequiredService<UserManager<AccountRow>>().FindByIdAsync(person.AccountId).ConfigureAwait(false);
        var made = await context.RequestServices.GetRequiredService<IPasskeyHandler<AccountRow>>().MakeRequestOptionsAsync(user, context).ConfigureAwait(false);
        var nonce = RandomNumberGenerator.GetBytes(32);
        var challenge = Challenge(nonce, canonical);
        await challenges.KeepAsync(id, ChallengeFlow.StepUp, person, WithChallenge(made.AssertionState ?? "", Convert.ToBase64String(challenge)), canonical, until, context.RequestAborted, nonce).ConfigureAwait(false);
        return new()
        {
            ["challengeId"] = id,
            ["canonicalAction"] = System.Text.Encoding.UTF8.GetString(canonical),
            ["actionHash"] = Convert.ToHexStringLower(SHA256.HashData(canonical)),
            ["expiresAtMs"] = until,
            ["options"] = JsonNode.Parse(WithChallenge(made.RequestOptionsJson, Base64Url.EncodeToString(challenge))),
        };
    }

    /// <summary>
    /// Holds an action until it was confirmed: 1. without an assertion 403 <c>step_up_required</c>; 2. the challenge is taken; 3. its bytes must be this very action; 4. the
    /// assertion is checked. Gives what the action's transaction does with the passkey, and keeps as evidence.
    /// </summary>
    public async Task<StepUpProof> ProveAsync(ActionRequest request, string action, JsonObject parameters)
    {
        // 1.
        var person = request.Http.RequiredPerson();
        if (request.Input.Raw("stepUp") is not { Length: > 0 } text)
        {
            throw Required(action, person, parameters);
        }

        var (challengeId, response) = Read(text);

        // 2.
        if (await challenges.TakeAsync(challengeId, ChallengeFlow.StepUp, person, request.Cancelled).ConfigureAwait(false) is not { } challenge)
        {
            throw new Refusal(400, "passkey_challenge_invalid", "This confirmation is used up or out of date. Confirm again.");
        }

        // 3.
        using var kept = JsonDocument.Parse(challenge.CanonicalAction);
        if (kept.RootElement.GetProperty("action").GetString() != action || !CanonicalJson.Write(kept.RootElement.GetProperty("params")).AsSpan().SequenceEqual(CanonicalJson.Write(parameters)))
        {
            throw Required(action, person, parameters);
        }

        // 4.
        var (account, passkey) = await PasskeyDesk.CheckAsync(request.Http, challenge.State, response, null).ConfigureAwait(false);
        if (account.Id != person.AccountId)
        {
            throw new Refusal(401, "passkey_login_failed", "That passkey is not of this account.");
        }

        var (client, data, signature) = PasskeyAnswer.Evidence(response!);
        return new(passkey, new()
        {
            Id = challengeId!, Actor = person.Actor, CanonicalAction = challenge.CanonicalAction, Nonce = challenge.Nonce, ClientData = client, AuthenticatorData = data, Signature = signature,
            PublicKey = passkey.PublicKey, RpId = party.Id, AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        });
    }

    /// <summary><see cref="ProveAsync"/> for who needs no name of the evidence: gives what the transaction does, and whether the passkey is still there.</summary>
    public async Task<Func<IStoreBatch, bool>> RequireAsync(ActionRequest request, string action, JsonObject parameters) => (await ProveAsync(request, action, parameters).ConfigureAwait(false)).TryUse;

    /// <summary>The challenge of canonical bytes.</summary>
    public static byte[] Challenge(byte[] nonce, byte[] canonicalAction) => SHA256.HashData([.. Label, .. nonce, .. SHA256.HashData(canonicalAction)]);

    /// <summary>The framework's JSON with our challenge in it: base64 in its state, base64url in options. A test pins its shape, so that an update of the framework cannot break this in silence.</summary>
    public static string WithChallenge(string json, string challenge)
    {
        var node = JsonNode.Parse(json)!.AsObject();
        if (node["challenge"] is null)
        {
            throw new InvalidOperationException("The state of the passkey handler has no challenge.");
        }

        node["challenge"] = challenge;
        return node.ToJsonString();
    }

    private static (string?, string?) Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return (document.RootElement.GetProperty("challengeId").GetString(), document.RootElement.GetProperty("response").GetRawText());
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return (null, null);
        }
    }

    private static Refusal Required(string action, SignedIn person, JsonObject parameters) => new(403, "step_up_required", "Confirm this with your passkey.")
    {
        More = new Dictionary<string, JsonElement>
        {
            ["action"] = JsonSerializer.SerializeToElement(action),
            ["actionHash"] = JsonSerializer.SerializeToElement(Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Write(new JsonObject { ["v"] = 1, ["action"] = action, ["actor"] = person.Actor, ["params"] = parameters.DeepClone() })))),
        },
    };
}
