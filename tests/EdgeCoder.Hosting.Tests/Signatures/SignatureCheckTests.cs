using System.Text;
using CsCheck;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Tests.Callers;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Signatures;
using EdgeCoder.Hosting.Tests.Storage;
using EdgeCoder.TestKit.Files;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Hosting.Tests.Signatures;

/// <summary>The nine checks of coordinator-and-mesh 2.2 and the failure modes I1, I4, I5, I7, I8 of section 13.</summary>
public sealed class SignatureCheckTests : IAsyncLifetime
{
    private const string Body = """{"agentId":"agent-1"}""";
    private const string Far = "203.0.113.7";

    private readonly TemporaryDirectory _directory = new();
    private readonly SigningKey _key = SigningKey.Generate();
    private readonly SigningKey _other = SigningKey.Generate();
    private CallerHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await CallerHost.StartAsync(_directory);
        _host.Agents["agent-1"] = _key.PublicKey;
        _host.Agents["agent-2"] = _other.PublicKey;
        _host.Peers["coord-peer"] = _other.PublicKey;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _key.Dispose();
        _other.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Signed_request_reaches_its_route_with_the_bytes_that_were_sent()
    {
        var answer = await _host.SendAsync(Pull());
        Assert.Equal((200, $"Agent agent-1 [] [] {Body}"), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task Query_and_encoded_path_are_covered_as_sent()
    {
        Assert.Equal(200, (await _host.SendAsync(Signed(HttpMethod.Get, "/agents/agent-1/things?a=%C3%A9&b=%2F", null))).Status);
    }

    // I1.
    [Theory]
    [InlineData("unsigned", "signature_missing")]
    [InlineData("no input", "signature_missing")]
    [InlineData("no signature", "signature_missing")]
    [InlineData("two with the tag", "signature_missing")]
    [InlineData("other tag", "signature_missing")]
    [InlineData("method not covered", "component_missing")]
    [InlineData("digest not covered", "component_missing")]
    [InlineData("no digest", "component_missing")]
    [InlineData("no created", "component_missing")]
    [InlineData("no nonce", "component_missing")]
    [InlineData("no keyid", "component_missing")]
    [InlineData("other algorithm", "component_missing")]
    [InlineData("unknown component", "component_missing")]
    [InlineData("created text", "clock_skew")]
    [InlineData("created fraction", "clock_skew")]
    [InlineData("created long ago", "clock_skew")]
    [InlineData("expired", "clock_skew")]
    [InlineData("other body", "digest_mismatch")]
    [InlineData("other digest", "digest_mismatch")]
    [InlineData("other path", "signature_mismatch")]
    [InlineData("other query", "signature_mismatch")]
    [InlineData("other key", "signature_mismatch")]
    [InlineData("other nonce", "signature_mismatch")]
    [InlineData("peer", "unknown_key")]
    [InlineData("other coordinator", "nonce_audience")]
    public async Task Changed_request_is_refused_and_writes_nothing(string change, string reason)
    {
        var answer = await _host.SendAsync(Changed(change));
        Assert.Equal((401, "signature_invalid", reason), (answer.Status, answer.Error, answer.Reason));
        Assert.Equal(0, _host.Reached);
        await using var context = _host.Context();
        Assert.Empty(await context.Set<NonceRow>().ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Agent_without_a_key_is_told_to_register()
    {
        var answer = await _host.SendAsync(_host.Signed(HttpMethod.Post, "/pull", """{"agentId":"agent-9"}""", _key, "agent:agent-9"));
        Assert.Equal((401, "mesh_unauthorized", "agent_not_registered"), (answer.Status, answer.Error, answer.Reason));
    }

    [Fact]
    public async Task Skew_is_allowed_up_to_its_limit_both_ways()
    {
        foreach (var seconds in new[] { -120, 120, -121, 121 })
        {
            var shifted = await _host.SendAsync(Rewrite(text => text.Replace("created=1700000000", $"created={1_700_000_000 + seconds}", StringComparison.Ordinal)));
            Assert.Equal(Math.Abs(seconds) <= 120, shifted.Status == 200);
        }
    }

    [Fact]
    public async Task More_components_and_expires_are_honoured()
    {
        var request = Rewrite(
            text => text.Replace("\"content-digest\")", "\"content-digest\" \"x-extra\" \"@authority\" \"@scheme\" \"@target-uri\" \"@request-target\")", StringComparison.Ordinal) + ";expires=1700000010",
            extra: ("x-extra", "  some   value "));
        Assert.Equal(200, (await _host.SendAsync(request)).Status);
        var changed = Rewrite(text => text.Replace("\"content-digest\")", "\"content-digest\" \"x-extra\")", StringComparison.Ordinal), extra: ("x-extra", "one"));
        changed.Headers.Remove("x-extra");
        changed.Headers.TryAddWithoutValidation("x-extra", "two");
        Assert.Equal("signature_mismatch", (await _host.SendAsync(changed)).Reason);
    }

    // I1.
    [Fact]
    public async Task Replay_is_refused()
    {
        var (first, second) = Twice();
        Assert.Equal(200, (await _host.SendAsync(first)).Status);
        var answer = await _host.SendAsync(second);
        Assert.Equal((401, "nonce_replayed"), (answer.Status, answer.Reason));
        Assert.Equal(1, _host.Reached);
    }

    // I1.
    [Theory]
    [InlineData("/result")]
    [InlineData("/nothing")]
    public async Task Nonce_that_is_committed_with_the_changes_of_its_request_serves_once_even_while_it_is_in_flight(string path)
    {
        var request = _host.Signed(HttpMethod.Post, path, Body, _key, "agent:agent-1");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _host.SendAsync(Copy(request))));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.Equal("nonce_replayed", answer.Reason));
        Assert.Equal("nonce_replayed", (await _host.SendAsync(Copy(request))).Reason);
        Assert.Equal((1, 1), (_host.Reached, await NoncesAsync()));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(60)]
    public async Task Replay_that_only_the_store_can_tell_changes_nothing(int ahead)
    {
        // A clock that goes ahead makes requests that look as if they were made after the restart.
        var agent = new FakeTimeProvider(_host.Time.GetUtcNow() + TimeSpan.FromSeconds(ahead));
        var request = _host.Signed(HttpMethod.Post, "/result", Body, _key, "agent:agent-1", time: agent);
        var second = Copy(request);
        Assert.Equal(200, (await _host.SendAsync(request)).Status);
        await _host.DisposeAsync();
        _host = await CallerHost.StartAsync(_directory, _host.Time);
        _host.Agents["agent-1"] = _key.PublicKey;
        Assert.Equal("nonce_replayed", (await _host.SendAsync(second)).Reason);
        await using var context = _host.Context();
        Assert.Equal((0, 1, 1), (_host.Reached, await NoncesAsync(), await context.Set<SampleRow>().CountAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Replay_is_refused_after_a_restart()
    {
        var (first, second) = Twice();
        Assert.Equal(200, (await _host.SendAsync(first)).Status);
        await _host.DisposeAsync();
        _host = await CallerHost.StartAsync(_directory, _host.Time);
        _host.Agents["agent-1"] = _key.PublicKey;
        Assert.Equal("nonce_replayed", (await _host.SendAsync(second)).Reason);
    }

    [Fact]
    public async Task Replay_at_the_same_time_reaches_its_route_once()
    {
        var one = Pull();
        var copies = Enumerable.Range(0, 16).Select(_ => Copy(one)).ToList();
        var answers = await Task.WhenAll(copies.Select(_host.SendAsync));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(1, _host.Reached);
    }

    [Fact]
    public async Task Nonce_is_forgotten_only_when_its_request_is_too_old()
    {
        var (first, second) = Twice();
        Assert.Equal(200, (await _host.SendAsync(first)).Status);
        _host.Time.Advance(TimeSpan.FromSeconds(119));
        await _host.Nonces.PruneAsync(_host.Time.GetUtcNow().ToUnixTimeMilliseconds(), TestContext.Current.CancellationToken);
        Assert.Equal("nonce_replayed", (await _host.SendAsync(Copy(second))).Reason);
        _host.Time.Advance(TimeSpan.FromSeconds(182));
        await _host.Nonces.PruneAsync(_host.Time.GetUtcNow().ToUnixTimeMilliseconds(), TestContext.Current.CancellationToken);
        await using var context = _host.Context();
        Assert.Empty(await context.Set<NonceRow>().ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal("clock_skew", (await _host.SendAsync(second)).Reason);
    }

    [Fact]
    public async Task Nonces_that_live_shorter_than_twice_the_skew_stop_the_start()
    {
        using var directory = new TemporaryDirectory();
        await Assert.ThrowsAsync<InvalidOperationException>(() => CallerHost.StartAsync(directory, options: new() { NonceTime = TimeSpan.FromSeconds(239) }));
    }

    // Without a store nothing older than the start is taken.
    [Fact]
    public async Task Role_without_a_store_takes_no_request_of_before_its_start()
    {
        using var directory = new TemporaryDirectory();
        await using var host = await CallerHost.StartAsync(directory, store: false);
        host.Peers["coord-peer"] = _other.PublicKey;
        var first = host.Signed(HttpMethod.Post, "/mesh/ingest", "{}", _other, "peer:coord-peer");
        var second = Copy(first);
        var third = Copy(first);
        Assert.Equal(200, (await host.SendAsync(first)).Status);
        Assert.Equal("nonce_replayed", (await host.SendAsync(second)).Reason);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await using var restarted = await CallerHost.StartAsync(directory, host.Time, store: false);
        restarted.Peers["coord-peer"] = _other.PublicKey;
        Assert.Equal("nonce_replayed", (await restarted.SendAsync(third)).Reason);
    }

    // Check 9.
    [Theory]
    [InlineData("POST", "/pull", """{"agentId":"agent-2"}""")]
    [InlineData("POST", "/pull", """{"agentId":"agent-1","agentId":"agent-2"}""")]
    [InlineData("POST", "/pull", """{"fromAgentId":"agent-2"}""")]
    [InlineData("POST", "/pull", """{"x":{"y":[1,2,{}]},"\u0061gentId":"agent-2"}""")]
    [InlineData("POST", "/pull", """{"byAgentId":"AGENT-1"}""")]
    [InlineData("GET", "/agents/agent-2/things", null)]
    public async Task Agent_acts_only_for_itself(string method, string path, string? body)
    {
        var answer = await _host.SendAsync(Signed(new(method), path, body));
        Assert.Equal((401, "agent_id_mismatch"), (answer.Status, answer.Error));
        Assert.Equal(0, _host.Reached);
    }

    // I5.
    [Theory]
    [InlineData("GET", "/ops", "invalid_admin_token")]
    [InlineData("GET", "/people", "invalid_admin_token")]
    [InlineData("GET", "/service", "mesh_unauthorized")]
    [InlineData("GET", "/portal", "mesh_unauthorized")]
    [InlineData("POST", "/mesh/ingest", "signature_invalid")]
    [InlineData("POST", "/debug", "mesh_unauthorized")]
    public async Task Agents_key_opens_no_other_route(string method, string path, string error)
    {
        var answer = await _host.SendAsync(Signed(new(method), path, method == "POST" ? "{}" : null));
        Assert.Equal((401, error), (answer.Status, answer.Error));
        Assert.Equal(0, _host.Reached);
    }

    [Fact]
    public async Task Agent_submits_for_its_owners_account()
    {
        var answer = await _host.SendAsync(Signed(HttpMethod.Post, "/tasks", "{}"));
        Assert.Equal("Submitter agent-1 [owner-of-agent-1] [] {}", answer.Text);
    }

    [Fact]
    public async Task Peer_signs_peer_routes_only()
    {
        Assert.Equal(200, (await _host.SendAsync(_host.Signed(HttpMethod.Post, "/mesh/ingest", "{}", _other, "peer:coord-peer"))).Status);
        Assert.Equal("unknown_key", (await _host.SendAsync(_host.Signed(HttpMethod.Post, "/pull", "{}", _other, "peer:coord-peer"))).Reason);
        Assert.Equal("unknown_key", (await _host.SendAsync(_host.Signed(HttpMethod.Post, "/mesh/ingest", "{}", _other, "peer:coord-unknown"))).Reason);
    }

    [Fact]
    public async Task Registration_proves_possession_of_the_key_in_its_body()
    {
        using var fresh = SigningKey.Generate();
        string Of(string agent, string pem) => $$"""{"agentId":"{{agent}}","publicKeyPem":{{System.Text.Json.JsonSerializer.Serialize(pem)}}}""";
        Assert.Equal(200, (await _host.SendAsync(_host.Signed(HttpMethod.Post, "/register", Of("agent-7", fresh.PublicKey.Pem), fresh, "agent:agent-7"))).Status);
        Assert.Equal("signature_mismatch", (await _host.SendAsync(_host.Signed(HttpMethod.Post, "/register", Of("agent-7", _key.PublicKey.Pem), fresh, "agent:agent-7"))).Reason);
        Assert.Equal("unknown_key", (await _host.SendAsync(_host.Signed(HttpMethod.Post, "/register", Of("agent-8", fresh.PublicKey.Pem), fresh, "agent:agent-7"))).Reason);
        Assert.Equal("unknown_key", (await _host.SendAsync(_host.Signed(HttpMethod.Post, "/register", Of("agent-7", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"), fresh, "agent:agent-7"))).Reason);
        Assert.Equal("signature_missing", (await _host.SendAsync(HttpMethod.Post, "/register")).Reason);
    }

    // I7.
    [Fact]
    public async Task Bad_signatures_are_charged_to_their_address_and_never_to_the_victim()
    {
        for (var i = 0; i < 120; i++)
        {
            Assert.Equal("signature_mismatch", (await _host.SendAsync(From(Far, _host.Signed(HttpMethod.Post, "/pull", Body, _other, "agent:agent-1")))).Reason);
        }

        var answer = await _host.SendAsync(From(Far, Pull()));
        Assert.Equal((429, "rate_limited"), (answer.Status, answer.Error));
        Assert.InRange(answer.RetryAfter ?? 0, 1, 60);
        Assert.Equal(200, (await _host.SendAsync(From("203.0.113.8", Pull()))).Status);
        _host.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(200, (await _host.SendAsync(From(Far, Pull()))).Status);
    }

    // Check 8.
    [Fact]
    public async Task Agent_has_a_sliding_limit()
    {
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(200, (await _host.SendAsync(From(Far, Pull()))).Status);
        }

        var answer = await _host.SendAsync(From("203.0.113.9", Pull()));
        Assert.Equal((429, "agent_rate_limited"), (answer.Status, answer.Error));
        Assert.Equal(200, (await _host.SendAsync(From(Far, _host.Signed(HttpMethod.Post, "/pull", """{"agentId":"agent-2"}""", _other, "agent:agent-2")))).Status);
        Assert.Equal(200, (await _host.SendAsync(Pull())).Status);
        _host.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(200, (await _host.SendAsync(From(Far, Pull()))).Status);
    }

    // Check 8.
    [Fact]
    public async Task Work_and_live_leases_do_not_count()
    {
        _host.Leases.Add(("agent-1", "lease-1"));
        for (var i = 0; i < 35; i++)
        {
            Assert.Equal(200, (await _host.SendAsync(From(Far, Signed(HttpMethod.Post, "/work", Body)))).Status);
            Assert.Equal(200, (await _host.SendAsync(From(Far, Signed(HttpMethod.Post, "/pull", """{"agentId":"agent-1","leases":[{"leaseId":"lease-0"},{"leaseId":"lease-1"}]}""")))).Status);
            Assert.Equal(200, (await _host.SendAsync(From(Far, Signed(HttpMethod.Post, "/leases/lease-1/release", "{}")))).Status);
        }

        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(200, (await _host.SendAsync(From(Far, Signed(HttpMethod.Post, "/pull", """{"agentId":"agent-1","leaseId":"lease-of-another"}""")))).Status);
        }

        Assert.Equal(429, (await _host.SendAsync(From(Far, Pull()))).Status);
    }

    // Check 8, I7.
    [Fact]
    public async Task Strangers_registrations_use_up_no_agents_limit()
    {
        using var stranger = SigningKey.Generate();
        var body = $$"""{"agentId":"agent-1","publicKeyPem":{{System.Text.Json.JsonSerializer.Serialize(stranger.PublicKey.Pem)}}}""";
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(200, (await _host.SendAsync(From(Far, _host.Signed(HttpMethod.Post, "/register", body, stranger, "agent:agent-1")))).Status);
        }

        Assert.Equal(429, (await _host.SendAsync(From(Far, _host.Signed(HttpMethod.Post, "/register", body, stranger, "agent:agent-1")))).Status);
        Assert.Equal(200, (await _host.SendAsync(From(Far, Pull()))).Status);
    }

    [Fact]
    public async Task Blob_is_streamed_and_its_signed_digest_is_the_path()
    {
        Assert.Equal("digest_mismatch", (await _host.SendAsync(Signed(HttpMethod.Put, $"/blobs/{new string('0', 64)}", "small"))).Reason);
        var small = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("small"u8));
        Assert.Equal(204, (await _host.SendAsync(Signed(HttpMethod.Put, $"/blobs/{small}", "small"))).Status);
    }

    [Fact]
    public async Task Body_over_one_mebibyte_is_refused()
    {
        // The client waits for leave to send, so that the refusal is not lost in a broken pipe.
        var large = Signed(HttpMethod.Post, "/pull", new string(' ', (1 << 20) + 1));
        large.Headers.ExpectContinue = true;
        var answer = await _host.SendAsync(large);
        Assert.Equal((413, "payload_too_large"), (answer.Status, answer.Error));
        Assert.Equal(200, (await _host.SendAsync(Signed(HttpMethod.Post, "/pull", new string(' ', 1 << 20)))).Status);
    }

    [Fact]
    public async Task Body_of_undeclared_length_is_cut_off_at_one_mebibyte()
    {
        var context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(new byte[(1 << 20) + 1]);
        Assert.Equal(413, (await Assert.ThrowsAsync<Refusal>(async () => await BodyReceiver.ReceiveAsync(context))).Status);
        context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(new byte[1 << 20]);
        Assert.Equal(1 << 20, (await BodyReceiver.ReceiveAsync(context)).Bytes.Length);
    }

    // I8.
    [Fact]
    public async Task Broken_headers_and_bodies_are_refused_and_never_500()
    {
        var pieces = new[] { "edgecoder", "=", "(", ")", "\"@method\"", ";created=", "1700000000", ":", "\"", ",", " ", "-", "AAAA", ";tag=\"edgecoder\"", "{", "}", "%" };
        await Gen.Int[0, pieces.Length - 1].Array[1, 12].Array[4].SampleAsync(
            async parts =>
            {
                var texts = parts.Select(part => string.Concat(part.Select(i => pieces[i]))).ToArray();
                using var request = new HttpRequestMessage(HttpMethod.Post, "/pull") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(texts[3])) };
                request.Headers.TryAddWithoutValidation("x-test-address", $"10.0.{Random(parts) % 256}.{Random(parts) / 256 % 256}");
                request.Headers.TryAddWithoutValidation(SignatureHeaders.Input, texts[0]);
                request.Headers.TryAddWithoutValidation(SignatureHeaders.Signature, texts[1]);
                request.Headers.TryAddWithoutValidation(ContentDigest.Header, texts[2]);
                using var answer = await _host.Client.SendAsync(request);
                return (int)answer.StatusCode is >= 400 and < 500;
            },
            iter: 300,
            threads: 1);
        Assert.Equal(0, _host.Reached);
    }

    private static int Random(int[][] parts) => Math.Abs(parts.SelectMany(p => p).Aggregate(17, (sum, p) => unchecked((sum * 31) + p)));

    private static HttpRequestMessage From(string address, HttpRequestMessage request)
    {
        request.Headers.TryAddWithoutValidation("x-test-address", address);
        return request;
    }

    private async Task<int> NoncesAsync()
    {
        await using var context = _host.Context();
        return await context.Set<NonceRow>().CountAsync(TestContext.Current.CancellationToken);
    }

    private static HttpRequestMessage Copy(HttpRequestMessage request)
    {
        // The content keeps its stream for the next reader.
        var body = request.Content!.ReadAsStream();
        using var bytes = new MemoryStream();
        body.Position = 0;
        body.CopyTo(bytes);
        body.Position = 0;
        var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = new ByteArrayContent(bytes.ToArray()) };
        foreach (var (name, values) in request.Headers)
        {
            copy.Headers.TryAddWithoutValidation(name, values);
        }

        return copy;
    }

    private HttpRequestMessage Pull() => Signed(HttpMethod.Post, "/pull", Body);

    private HttpRequestMessage Signed(HttpMethod method, string path, string? body) => _host.Signed(method, path, body, _key, "agent:agent-1");

    private (HttpRequestMessage First, HttpRequestMessage Second) Twice()
    {
        var first = Pull();
        return (first, Copy(first));
    }

    /// <summary>A pull whose signature parameters are changed before it is signed.</summary>
    private HttpRequestMessage Rewrite(Func<string, string> change, (string Name, string Value)? extra = null)
    {
        var request = Pull();
        var parameters = change(request.Headers.GetValues(SignatureHeaders.Input).Single()["edgecoder=".Length..]);
        if (extra is { } header)
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        var digest = request.Headers.GetValues(ContentDigest.Header).Single();
        var target = RequestTarget.Of("POST", "/pull", "http", _host.Client.BaseAddress!.Authority);
        var inputs = SignatureHeaders.ReadInputs("edgecoder=" + parameters);
        var text = inputs.Count == 1 ? RequestSignatureBase.Build(target, inputs[0], name => name == "content-digest" ? digest : name == extra?.Name ? extra?.Value.Trim() : null) : null;
        request.Headers.Remove(SignatureHeaders.Input);
        request.Headers.Remove(SignatureHeaders.Signature);
        request.Headers.TryAddWithoutValidation(SignatureHeaders.Input, "edgecoder=" + parameters);
        request.Headers.TryAddWithoutValidation(SignatureHeaders.Signature, $"edgecoder=:{_key.SignBase64(text ?? RequestSignatureBase.Build(target, digest, parameters))}:");
        return request;
    }

    private HttpRequestMessage Changed(string change)
    {
        HttpRequestMessage Without(params string[] names)
        {
            var request = Pull();
            foreach (var name in names)
            {
                request.Headers.Remove(name);
            }

            return request;
        }

        HttpRequestMessage Cut(string part, string with = "") => Rewrite(text => text.Contains(part, StringComparison.Ordinal) ? text.Replace(part, with, StringComparison.Ordinal) : throw new InvalidOperationException(part));

        HttpRequestMessage Retarget(string path)
        {
            var request = Pull();
            request.RequestUri = new(path, UriKind.Relative);
            return request;
        }

        HttpRequestMessage With(string header, Func<string, string> edit)
        {
            var request = Pull();
            var value = edit(request.Headers.GetValues(header).Single());
            request.Headers.Remove(header);
            request.Headers.TryAddWithoutValidation(header, value);
            return request;
        }

        HttpRequestMessage WithBody(string body)
        {
            var request = Pull();
            request.Content = new StringContent(body);
            return request;
        }

        return change switch
        {
            "unsigned" => Without(SignatureHeaders.Input, SignatureHeaders.Signature),
            "no input" => Without(SignatureHeaders.Input),
            "no signature" => Without(SignatureHeaders.Signature),
            "two with the tag" => With(SignatureHeaders.Input, text => text + ", second=" + text["edgecoder=".Length..]),
            "other tag" => Cut("tag=\"edgecoder\"", "tag=\"other\""),
            "method not covered" => Cut("\"@method\" "),
            "digest not covered" => Cut(" \"content-digest\""),
            "no digest" => Without(ContentDigest.Header),
            "no created" => Cut(";created=1700000000"),
            "no nonce" => Rewrite(text => string.Join(';', text.Split(';').Where(part => !part.StartsWith("nonce", StringComparison.Ordinal)))),
            "no keyid" => Cut(";keyid=\"agent:agent-1\""),
            "other algorithm" => Rewrite(text => text + ";alg=\"hmac-sha256\""),
            "unknown component" => Cut("\"@method\"", "\"@method\" \"@status\""),
            "created text" => Cut("created=1700000000", "created=\"1700000000\""),
            "created fraction" => Cut("created=1700000000", "created=1700000000.0"),
            "created long ago" => Cut("created=1700000000", "created=1699999879"),
            "expired" => Rewrite(text => text + ";expires=1700000000"),
            "other body" => WithBody("""{"agentId":"agent-1" }"""),
            "other digest" => With(ContentDigest.Header, _ => ContentDigest.OfNothing),
            "other path" => Retarget("/work"),
            "other query" => Retarget("/pull?x=1"),
            "other key" => _host.Signed(HttpMethod.Post, "/pull", Body, _other, "agent:agent-1"),
            "other nonce" => With(SignatureHeaders.Input, text => text.Replace($"nonce=\"{CallerHost.PeerId}.", $"nonce=\"{CallerHost.PeerId}.A", StringComparison.Ordinal)),
            "peer" => _host.Signed(HttpMethod.Post, "/pull", Body, _other, "peer:coord-peer"),
            "other coordinator" => _host.Signed(HttpMethod.Post, "/pull", Body, _key, "agent:agent-1", "coord-000000000000"),
            _ => throw new ArgumentOutOfRangeException(nameof(change)),
        };
    }
}
