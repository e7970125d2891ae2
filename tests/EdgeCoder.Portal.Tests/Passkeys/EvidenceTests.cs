using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Tests.Roles;
using EdgeCoder.Protocol.OperatorAudit;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Tests.Passkeys;

/// <summary>Evidence of confirmations is kept and right without the portal (portal-and-control-plane 7).</summary>
public sealed class EvidenceTests
{
    [Fact]
    public async Task What_a_passkey_confirmed_is_checked_without_the_portal_also_when_the_passkey_is_gone()
    {
        await using var scene = await PortalScene.StartAsync();
        using var ann = await PasskeyPerson.OfAsync(scene, await scene.PersonAsync("ann@example.org"));
        var evidence = await RemovedAsync(scene, ann);

        var verdict = StepUpEvidence.Check(Encoding.UTF8.GetBytes(evidence.ToJsonString()));

        Assert.Null(verdict.Fault);
        Assert.Equal("user:" + ann.Id, verdict.Actor);
        Assert.Contains("\"action\":\"passkey.delete\"", verdict.Action, StringComparison.Ordinal);
        var added = (await ann.SendAsync("GET", "/portal/api/audit?action=passkey.added")).Body.GetProperty("lines")[0].GetProperty("after");
        Assert.Equal(verdict.KeySha256, added.GetProperty("keySha256").GetString());
    }

    [Theory]
    [InlineData("format", StepUpFault.EvidenceInvalid)]
    [InlineData("nonce", StepUpFault.ChallengeMismatch)]
    [InlineData("actor", StepUpFault.ActionInvalid)]
    [InlineData("canonicalAction", StepUpFault.ChallengeMismatch)]
    [InlineData("canonical form", StepUpFault.ActionInvalid)]
    [InlineData("clientData", StepUpFault.SignatureInvalid)]
    [InlineData("authenticatorData", StepUpFault.SignatureInvalid)]
    [InlineData("flags", StepUpFault.PersonNotVerified)]
    [InlineData("signature", StepUpFault.SignatureInvalid)]
    [InlineData("publicKey", StepUpFault.SignatureInvalid)]
    [InlineData("kind of key", StepUpFault.KeyUnsupported)]
    [InlineData("rpId", StepUpFault.RelyingPartyMismatch)]
    [InlineData("origin", StepUpFault.RelyingPartyMismatch)]
    public async Task One_thing_changed_is_one_verdict(string what, StepUpFault fault)
    {
        await using var scene = await PortalScene.StartAsync();
        using var ann = await PasskeyPerson.OfAsync(scene, await scene.PersonAsync("ann@example.org"));
        var evidence = await RemovedAsync(scene, ann);
        switch (what)
        {
            case "format": evidence["format"] = "another"; break;
            case "nonce": evidence["nonce"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)); break;
            case "actor": evidence["actor"] = "user:bob"; break;
            case "canonicalAction": Change("canonicalAction", bytes => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("passkey.delete", "role.change", StringComparison.Ordinal))); break;
            case "canonical form": Change("canonicalAction", bytes => [.. bytes, (byte)' ']); break;
            case "clientData": Change("clientData", bytes => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("\"crossOrigin\":false", "\"crossOrigin\":false ", StringComparison.Ordinal))); break;
            case "authenticatorData": Change("authenticatorData", bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]); break;
            case "flags": Change("authenticatorData", bytes => [.. bytes[..32], 0x01, .. bytes[33..]]); break;
            case "signature": Change("signature", bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]); break;
            case "publicKey":
                using (var other = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    var point = other.ExportParameters(false).Q;
                    Change("publicKey", _ => [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!]);
                }

                break;
            case "kind of key": Change("publicKey", bytes => [.. bytes[..4], 0x27, .. bytes[5..]]); break;
            case "rpId": evidence["rpId"] = "evil.example"; break;
            default: Change("clientData", bytes => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("localhost", "evil.example", StringComparison.Ordinal))); break;
        }

        Assert.Equal(fault, StepUpEvidence.Check(Encoding.UTF8.GetBytes(evidence.ToJsonString())).Fault);

        void Change(string name, Func<byte[], byte[]> change) => evidence[name] = Base64Url.EncodeToString(change(Base64Url.DecodeFromChars(evidence[name]!.GetValue<string>())));
    }

    [Fact]
    public async Task Evidence_is_for_who_confirmed_and_for_administrators()
    {
        await using var scene = await PortalScene.StartAsync();
        var root = await scene.AdministratorAsync();
        using var ann = await PasskeyPerson.OfAsync(scene, await scene.PersonAsync("ann@example.org"));
        var bob = await scene.PersonAsync("bob@example.org");
        var path = "/portal/api/evidence/" + (await RemovedAsync(scene, ann))["id"];
        Assert.Equal("evidence_not_found", RoleCompliance.Error(await scene.SendAsync("GET", path, bearer: bob)));
        Assert.Equal(200, (await scene.SendAsync("GET", path, bearer: root)).Status);
        Assert.Equal("invalid_id", RoleCompliance.Error(await scene.SendAsync("GET", "/portal/api/evidence/x", bearer: root)));
    }

    private static async Task<JsonObject> RemovedAsync(PortalScene scene, PasskeyPerson person)
    {
        var id = (await person.SendAsync("GET", "/me/passkeys")).Body.GetProperty("passkeys")[0].GetProperty("id").GetString()!;
        Assert.Equal(200, (await person.ConfirmedAsync("DELETE", "/me/passkeys/" + id, PasskeyEndpoints.DeleteAction, new() { ["passkeyId"] = id }, [])).Status);
        var kept = await scene.ReadAsync(store => store.Set<StepUpProofRow>().SingleAsync(TestContext.Current.CancellationToken));
        return JsonNode.Parse((await person.SendAsync("GET", "/portal/api/evidence/" + kept.Id)).Body.GetRawText())!.AsObject();
    }
}
