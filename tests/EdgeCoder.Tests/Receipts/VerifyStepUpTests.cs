using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Commands;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.OperatorAudit;
using EdgeCoder.TestKit.Files;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Receipts;

/// <summary><c>edgecoder verify step-up</c>: words, JSON and exit codes.</summary>
public sealed class VerifyStepUpTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _output = new();
    private readonly TestConsole _console = new TestConsole().Width(600);

    public void Dispose()
    {
        _directory.Dispose();
        _console.Dispose();
        _output.Dispose();
    }

    [Fact]
    public async Task What_was_confirmed_is_shown()
    {
        Assert.Equal(0, await RunAsync("verify", "step-up", _directory.Write("evidence.json", Evidence().ToJsonString())));
        Assert.Contains("Right: user:ann confirmed exactly this", _console.Output, StringComparison.Ordinal);
        Assert.Contains("\"action\":\"role.change\"", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_has_its_reason()
    {
        var evidence = Evidence();
        evidence["nonce"] = Base64Url.EncodeToString(new byte[32]);
        var file = _directory.Write("evidence.json", evidence.ToJsonString());
        Assert.Equal(1, await RunAsync("verify", "step-up", file));
        Assert.Contains("challenge_mismatch", _console.Output, StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync("verify", "step-up", file, "--json"));
        using var said = JsonDocument.Parse(_output.ToString());
        Assert.Equal((false, "challenge_mismatch"), (said.RootElement.GetProperty("ok").GetBoolean(), said.RootElement.GetProperty("reason").GetString()));
        Assert.Equal(1, await RunAsync("verify", "step-up", _directory.Write("other.json", "{}")));
        Assert.Equal(2, await RunAsync("verify", "step-up", "none.json"));
    }

    private static JsonObject Evidence()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;
        var (nonce, action) = (RandomNumberGenerator.GetBytes(32), CanonicalJson.Write(new JsonObject { ["v"] = 1, ["action"] = "role.change", ["actor"] = "user:ann", ["params"] = new JsonObject() }));
        var client = Encoding.UTF8.GetBytes(new JsonObject { ["type"] = "webauthn.get", ["challenge"] = Base64Url.EncodeToString(StepUpEvidence.Challenge(nonce, action)), ["origin"] = "https://portal.example.org" }.ToJsonString());
        byte[] data = [.. SHA256.HashData("portal.example.org"u8), 0x05, 0, 0, 0, 1];
        return new()
        {
            ["format"] = StepUpEvidence.Format,
            ["actor"] = "user:ann",
            ["rpId"] = "portal.example.org",
            ["canonicalAction"] = Base64Url.EncodeToString(action),
            ["nonce"] = Base64Url.EncodeToString(nonce),
            ["clientData"] = Base64Url.EncodeToString(client),
            ["authenticatorData"] = Base64Url.EncodeToString(data),
            ["signature"] = Base64Url.EncodeToString(key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
            ["publicKey"] = Base64Url.EncodeToString([0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!]),
        };
    }

    private Task<int> RunAsync(params string[] words) => CommandLine.RunAsync(
        words,
        new()
        {
            Console = _console,
            ErrorConsole = _console,
            Output = _output,
            Error = _output,
            Input = () => Stream.Null,
            InputRedirected = true,
            Terminals = (false, false),
            Environment = _ => null,
            Time = TimeProvider.System,
            Interactive = false,
            Directory = _directory.Path,
            Person = new(false, () => null, () => { }),
            Width = () => 80,
        },
        TestContext.Current.CancellationToken);
}
