using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.Inference.Service;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Signatures;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Inference.Tests.Service;

public sealed class InferenceAccessTests : IDisposable
{
    private const string Plan = """[{"input":"write f","language":"python","dependsOn":[]}]""";
    private const string Body = """{"taskId":"task-1","prompt":"write f"}""";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Every_route_but_health_needs_the_token()
    {
        await using var host = await InferenceHost.StartAsync(_directory);
        var open = new List<string>();
        foreach (var route in host.Routes)
        {
            var rule = route.Metadata.GetMetadata<InferenceRule>();
            Assert.True(rule is not null, $"{route.RoutePattern.RawText} says nothing about its callers");
            var method = route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single();
            foreach (var token in (string?[])[null, "", "0123456789abcdef0123456789abcdeX", InferenceHost.Token + "0"])
            {
                using var request = new HttpRequestMessage(new(method), route.RoutePattern.RawText);
                if (token is not null)
                {
                    request.Headers.TryAddWithoutValidation("x-inference-token", token);
                }

                using var answer = await host.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    open.Add(route.RoutePattern.RawText!);
                }
                else
                {
                    Assert.Equal("inference_unauthorized", await ErrorAsync(answer));
                }
            }
        }

        Assert.Equal(["/health"], open.Distinct());
    }

    [Fact]
    public async Task Start_of_the_service_asks_nobody()
    {
        await using var server = await TestKit.Models.ScriptedOpenAI.StartAsync(new TestKit.Models.ScriptedModel { Id = "chatty" });
        await using var host = await InferenceHost.StartAsync(_directory, server);
        await host.Anonymous.GetStringAsync("/health", TestContext.Current.CancellationToken);

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Token_alone_opens_neither_plans_nor_escalations()
    {
        await using var host = await InferenceHost.StartAsync(_directory);
        using var client = host.Client(new SocketsHttpHandler(), InferenceHost.Token);
        foreach (var path in (string[])["/decompose", "/escalate"])
        {
            using var answer = await client.PostAsync(path, Json(Body), TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.Unauthorized, "inference_signature_missing"), (answer.StatusCode, await ErrorAsync(answer)));
        }
    }

    [Fact]
    public async Task Signed_request_of_the_coordinator_is_answered()
    {
        await using var server = await ServerAsync();
        await using var host = await InferenceHost.StartAsync(_directory, server);

        using var answer = await host.Coordinator.PostAsync("/decompose", Json(Body), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("other_key", "inference_signature_invalid")]
    [InlineData("unknown_peer", "inference_signature_untrusted_peer")]
    [InlineData("agent_key_id", "inference_signature_untrusted_peer")]
    [InlineData("old", "inference_signature_expired")]
    [InlineData("future", "inference_signature_expired")]
    [InlineData("created_text", "inference_signature_invalid_timestamp")]
    [InlineData("body", "inference_signature_body_mismatch")]
    [InlineData("path", "inference_signature_invalid")]
    [InlineData("query", "inference_signature_invalid")]
    [InlineData("component", "inference_signature_missing")]
    [InlineData("no_nonce", "inference_signature_missing")]
    [InlineData("two", "inference_signature_missing")]
    [InlineData("audience", "inference_signature_invalid")]
    [InlineData("cut_signature", "inference_signature_missing")]
    public async Task One_thing_wrong_with_a_signature_is_named(string wrong, string error)
    {
        await using var server = await ServerAsync();
        await using var host = await InferenceHost.StartAsync(_directory, server);
        using var other = SigningKey.Generate();
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + (wrong switch { "old" => -121, "future" => 130, _ => 0 })));
        using var signer = InferenceHost.Signer(
            wrong == "other_key" ? other : host.Key,
            wrong switch { "unknown_peer" => "peer:coord-000000000002", "agent_key_id" => "agent:" + InferenceHost.PeerId, _ => "peer:" + InferenceHost.PeerId },
            wrong == "audience" ? "coord-000000000009" : InferenceAudience.Name,
            clock);
        var path = wrong == "path" ? "/escalate" : "/decompose";
        var signed = signer.Sign(RequestTarget.Of("POST", new Uri(host.Address, wrong == "query" ? "/decompose?a=1" : "/decompose")), ContentDigest.Of(Encoding.UTF8.GetBytes(Body)));

        using var answer = await SendAsync(host, path, wrong == "body" ? Body.Replace("write f", "write g") : Body, signed with
        {
            SignatureInput = wrong switch
            {
                "created_text" => signed.SignatureInput.Replace("created=", "created=\"") is var text ? text.Insert(text.IndexOf(";nonce", StringComparison.Ordinal), "\"") : "",
                "component" => signed.SignatureInput.Replace(" \"@query\"", ""),
                "no_nonce" => signed.SignatureInput.Replace(";nonce", ";number"),
                "two" => signed.SignatureInput + ", again" + signed.SignatureInput[signed.SignatureInput.IndexOf('=')..],
                _ => signed.SignatureInput,
            },
            Signature = wrong == "cut_signature" ? signed.Signature[..40] + ":" : signed.Signature,
        });

        Assert.Equal((HttpStatusCode.Unauthorized, error), (answer.StatusCode, await ErrorAsync(answer)));
        Assert.DoesNotContain(server.Requests, request => request.Method == "POST");
    }

    [Fact]
    public async Task Replay_is_refused_also_after_a_restart()
    {
        await using var server = await ServerAsync();
        using var key = SigningKey.Generate();
        SignedHeaders signed;
        await using (var host = await InferenceHost.StartAsync(_directory, server, key: key))
        {
            using var signer = InferenceHost.Signer(key, "peer:" + InferenceHost.PeerId);
            signed = signer.Sign(RequestTarget.Of("POST", new Uri(host.Address, "/decompose")), ContentDigest.Of(Encoding.UTF8.GetBytes(Body)));
            using var first = await SendAsync(host, "/decompose", Body, signed);
            using var second = await SendAsync(host, "/decompose", Body, signed);
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            Assert.Equal("inference_signature_replay", await ErrorAsync(second));
        }

        await using var restarted = await InferenceHost.StartAsync(_directory, server, key: key);
        using var third = await SendAsync(restarted, "/decompose", Body, signed);
        Assert.Equal("inference_signature_replay", await ErrorAsync(third));
    }

    [Fact]
    public async Task Refused_signature_uses_up_no_nonce()
    {
        await using var server = await ServerAsync();
        await using var host = await InferenceHost.StartAsync(_directory, server);
        using var signer = InferenceHost.Signer(host.Key, "peer:" + InferenceHost.PeerId);
        var signed = signer.Sign(RequestTarget.Of("POST", new Uri(host.Address, "/decompose")), ContentDigest.Of(Encoding.UTF8.GetBytes(Body)));

        using var tampered = await SendAsync(host, "/decompose", Body + " ", signed);
        using var honest = await SendAsync(host, "/decompose", Body, signed);

        Assert.Equal("inference_signature_body_mismatch", await ErrorAsync(tampered));
        Assert.Equal(HttpStatusCode.OK, honest.StatusCode);
    }

    [Fact]
    public async Task Digest_covers_the_bytes_and_not_their_meaning()
    {
        await using var server = await ServerAsync();
        await using var host = await InferenceHost.StartAsync(_directory, server);
        using var signer = InferenceHost.Signer(host.Key, "peer:" + InferenceHost.PeerId);
        var signed = signer.Sign(RequestTarget.Of("POST", new Uri(host.Address, "/decompose")), ContentDigest.Of(Encoding.UTF8.GetBytes(Body)));

        using var answer = await SendAsync(host, "/decompose", Body.Replace(",", ", "), signed);

        Assert.Equal("inference_signature_body_mismatch", await ErrorAsync(answer));
    }

    [Fact]
    public async Task Second_process_on_the_same_nonces_does_not_start()
    {
        await using var host = await InferenceHost.StartAsync(_directory);

        await Assert.ThrowsAnyAsync<IOException>(() => InferenceHost.StartAsync(_directory));
    }

    [Fact]
    public void Start_without_its_secrets_names_all_of_them_at_once()
    {
        var reader = new SettingsReader(name => name switch { "INFERENCE_REQUIRE_SIGNED_COORDINATOR_REQUESTS" => "false", "INFERENCE_NONCE_TTL_MS" => "1000", _ => null });

        InferenceSettings.Read(reader, "/nowhere");

        var fault = Assert.Throws<SettingsException>(reader.ThrowIfFaulty).Message;
        Assert.All(
            ["INFERENCE_AUTH_TOKEN", "INFERENCE_REQUIRE_SIGNED_COORDINATOR_REQUESTS", "INFERENCE_TRUSTED_COORDINATOR_KEYS_JSON", "INFERENCE_NONCE_TTL_MS"],
            name => Assert.Contains(name, fault));
    }

    [Fact]
    public void Keys_are_read_in_both_forms_and_a_broken_one_stops_the_start()
    {
        using var one = SigningKey.Generate();
        using var two = SigningKey.Generate();
        var values = new Dictionary<string, string>
        {
            ["INFERENCE_AUTH_TOKEN"] = InferenceHost.Token,
            ["INFERENCE_COORDINATOR_PEER_ID"] = "coord-1",
            ["INFERENCE_COORDINATOR_PUBLIC_KEY_PEM"] = one.PublicKey.Pem.Replace("\n", "\\n"),
            ["INFERENCE_TRUSTED_COORDINATOR_KEYS_JSON"] = JsonSerializer.Serialize(new Dictionary<string, string> { ["coord-2"] = two.PublicKey.Pem }),
        };
        var reader = new SettingsReader(values.GetValueOrDefault);
        var settings = InferenceSettings.Read(reader, "/nowhere");
        reader.ThrowIfFaulty();
        Assert.Equal(["coord-1", "coord-2"], settings.TrustedCoordinators.Keys.Order());

        values["INFERENCE_TRUSTED_COORDINATOR_KEYS_JSON"] = """{"coord-2":"-----BEGIN PUBLIC KEY-----"}""";
        var broken = new SettingsReader(values.GetValueOrDefault);
        InferenceSettings.Read(broken, "/nowhere");
        Assert.Contains("INFERENCE_TRUSTED_COORDINATOR_KEYS_JSON", Assert.Single(broken.Faults));
    }

    [Fact]
    public async Task Body_over_a_mebibyte_is_refused()
    {
        await using var host = await InferenceHost.StartAsync(_directory);
        using var answer = await host.Coordinator.PostAsync("/chat", Json(new string(' ', (1 << 20) + 1)), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "payload_too_large"), (answer.StatusCode, await ErrorAsync(answer)));
    }

    private static Task<ScriptedOpenAI> ServerAsync() => ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "planner", Answer = _ => Plan });

    private static async Task<HttpResponseMessage> SendAsync(InferenceHost host, string path, string body, SignedHeaders signed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(body) };
        request.Headers.Add("x-inference-token", InferenceHost.Token);
        request.Headers.TryAddWithoutValidation(ContentDigest.Header, signed.ContentDigest);
        request.Headers.TryAddWithoutValidation(SignatureHeaders.Input, signed.SignatureInput);
        request.Headers.TryAddWithoutValidation(SignatureHeaders.Signature, signed.Signature);

        return await host.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<string?> ErrorAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("error").GetString();
}
