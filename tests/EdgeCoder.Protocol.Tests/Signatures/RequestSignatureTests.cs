using System.Net;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Signatures;
using EdgeCoder.Protocol.Tests.Keys;

namespace EdgeCoder.Protocol.Tests.Signatures;

public sealed class RequestSignatureTests : IDisposable
{
    private const string Parameters = """("@method" "@path" "@query" "content-digest");created=1700000000;nonce="coord-3816af993b3d.AAECAwQFBgcICQoLDA0ODw";keyid="agent:agent-1";tag="edgecoder" """;

    private readonly SigningKey _key = SpecificationKey.Load();

    public void Dispose() => _key.Dispose();

    // Vectors C1 and C2.
    [Theory]
    [InlineData("POST", "/pull", """{"agentId":"agent-1"}""", "sha-256=:IpQ/URLZTbHhfCmQoQ7o8QGs/qYgTNx6znXPXcMoBSs=:", "2371816faadab6675443c3017c53f03d9efc9d3bdb9481f2d67f9d8593e5aa7c", "/1b3Fdm2aBIxHtUI1c5PZIECnU0ZebODGr2/FoJ3b1/ClyU3oblt2UOf9q7374eULk9BANUuDQn+9vHXnhYnCA==")]
    [InlineData("GET", "/tasks/t-1/events?after=7", "", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", null, "F79vl51029rISQbAV+I0clIVM8BfvLDPgNcAn2RcIklX3XlADP3kFyOMyFK0oRyP8RVQhtsbvDXdZfHcCQOICA==")]
    public void Requests_of_the_specification(string method, string target, string body, string digest, string? sha256OfBase, string signature)
    {
        Assert.Equal(digest, ContentDigest.Of(Encoding.UTF8.GetBytes(body)));
        var request = RequestTarget.Of(method, target, "http", "127.0.0.1:4301");
        var text = RequestSignatureBase.Build(request, digest, Parameters.Trim());
        Assert.Equal(signature, _key.SignBase64(text));
        if (sha256OfBase is not null)
        {
            Assert.Contains("\"@query\": ?\n", Encoding.UTF8.GetString(text), StringComparison.Ordinal);
            Assert.Equal(sha256OfBase, Convert.ToHexStringLower(SHA256.HashData(text)));
        }

        var input = Assert.Single(SignatureHeaders.ReadInputs("edgecoder=" + Parameters.Trim()));
        Assert.Equal(text, RequestSignatureBase.Build(request, input, name => name == "content-digest" ? digest : null));
        Assert.Equal(("agent:agent-1", "edgecoder", 1_700_000_000L), (input.KeyId, input.Tag, input.Created!.Value));
    }

    // RFC 9421 B.2.6, with the key of B.1.4.
    [Fact]
    public void Ed25519_example_of_rfc_9421()
    {
        var input = Assert.Single(SignatureHeaders.ReadInputs("""sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519" """.Trim()));
        var text = RequestSignatureBase.Build(RequestTarget.Of("POST", "/foo?param=Value&Pet=dog", "https", "example.com"), input, name => name switch
        {
            "date" => "Tue, 20 Apr 2021 02:07:55 GMT",
            "content-type" => "application/json",
            "content-length" => "18",
            _ => null,
        });
        Assert.True(VerifyingKey.TryParse("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----", out var key));
        Assert.True(key.Verify(text, "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="));
    }

    // RFC 9530 appendix B.1 and D.
    [Fact]
    public void Digest_example_of_rfc_9530()
    {
        Assert.Equal("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:", ContentDigest.Of("{\"hello\": \"world\"}\n"u8));
        Assert.True(ContentDigest.Matches("sha-512=:AAAA:, sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:", "{\"hello\": \"world\"}\n"u8));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha-256=")]
    [InlineData("sha-256=:")]
    [InlineData("sha-256=::")]
    [InlineData("sha-512=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:")]
    [InlineData("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:, sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:")]
    public void Digest_that_is_not_one_proper_sha256_matches_nothing(string? header) => Assert.False(ContentDigest.Matches(header, []));

    [Theory]
    [InlineData("")]
    [InlineData("edgecoder")]
    [InlineData("edgecoder=1")]
    [InlineData("edgecoder=(\"@method\"")]
    [InlineData("edgecoder=(@method)")]
    [InlineData("edgecoder=(\"@method\" \"@method\")")]
    [InlineData("edgecoder=();created=1;created=2")]
    [InlineData("edgecoder=();created=1111111111111111")]
    [InlineData("edgecoder=();nonce=\"a")]
    [InlineData("edgecoder=();nonce=\"\\x\"")]
    [InlineData("edgecoder=(), edgecoder=()")]
    [InlineData("edgecoder=(),")]
    [InlineData("edgecoder=() x=()")]
    [InlineData("Edgecoder=()")]
    public void Malformed_input_reads_as_none(string header) => Assert.Empty(SignatureHeaders.ReadInputs(header));

    [Theory]
    [InlineData("created=1.5")]
    [InlineData("created=\"1\"")]
    [InlineData("created=now")]
    [InlineData("created")]
    [InlineData("created=?1")]
    public void Created_that_is_no_integer_is_there_and_has_no_value(string parameter)
    {
        var input = Assert.Single(SignatureHeaders.ReadInputs($"edgecoder=();{parameter};tag=\"edgecoder\""));
        Assert.True(input.HasCreated);
        Assert.Null(input.Created);
    }

    [Fact]
    public void Several_members_are_told_apart()
    {
        var inputs = SignatureHeaders.ReadInputs("a=(\"x\";sf \"@query-param\";name=\"q\");tag=\"other\", edgecoder=();tag=\"edgecoder\"");
        Assert.Equal(["a", "edgecoder"], inputs.Select(i => i.Label));
        Assert.Equal([new("x", ";sf"), new("@query-param", ";name=\"q\"")], inputs[0].Components);
        var bytes = new byte[64];
        var one = Convert.ToBase64String(Enumerable.Repeat((byte)1, 64).ToArray());
        Assert.True(SignatureHeaders.TryReadSignature($"a=:AAAA:, edgecoder=:{one}:", "edgecoder", bytes));
        Assert.Equal(1, bytes[63]);
        Assert.False(SignatureHeaders.TryReadSignature($"edgecoder=:{one}:, edgecoder=:{one}:", "edgecoder", bytes));
        Assert.False(SignatureHeaders.TryReadSignature("edgecoder=:AAAA:", "edgecoder", bytes));
    }

    [Fact]
    public void Any_header_reads_without_throwing()
    {
        string[] pieces = ["edgecoder", "=", "(", ")", "\"@method\"", ";", "created", "1", ":", "\"", ",", " ", "-", "AAAA", "tag", "?1", ".", "é", "\\"];
        Gen.Int[0, pieces.Length - 1].Array[0, 20].Select(chosen => string.Concat(chosen.Select(i => pieces[i]))).Sample(text =>
        {
            var bytes = new byte[64];
            SignatureHeaders.TryReadSignature(text, "edgecoder", bytes);
            return SignatureHeaders.ReadInputs(text).All(i => text.Contains(i.Text, StringComparison.Ordinal));
        });
    }

    [Theory]
    [InlineData("/", "/", "?")]
    [InlineData("/a%20b?x=%2f&y", "/a%20b", "?x=%2f&y")]
    [InlineData("/a?", "/a", "?")]
    [InlineData("http://other/a?b", "/a", "?b")]
    [InlineData("http://other", "/", "?")]
    [InlineData("*", "*", "?")]
    public void Target_is_taken_as_sent(string raw, string path, string query) =>
        Assert.Equal((path, query), (RequestTarget.Of("GET", raw, "http", "h").Path, RequestTarget.Of("GET", raw, "http", "h").Query));

    [Theory]
    [InlineData("http://localhost:4301/tasks/t%201?a=%C3%A9&b", "body")]
    [InlineData("http://localhost:4301", null)]
    public async Task Signed_request_verifies_at_the_other_side(string address, string? body)
    {
        HttpRequestMessage? sent = null;
        using var signer = new RequestSigner(_key, "agent:agent-1", "coord-1", TimeProvider.System) { InnerHandler = new Receiver(r => sent = r) };
        using var client = new HttpClient(signer);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = body is null ? null : new StringContent(body) };
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        var digest = string.Join(", ", (sent!.Content is null ? sent.Headers : (System.Net.Http.Headers.HttpHeaders)sent.Content.Headers).GetValues(ContentDigest.Header));
        Assert.True(ContentDigest.Matches(digest, Encoding.UTF8.GetBytes(body ?? "")));
        var input = Assert.Single(SignatureHeaders.ReadInputs(sent.Headers.GetValues(SignatureHeaders.Input).Single()));
        var signature = new byte[64];
        Assert.True(SignatureHeaders.TryReadSignature(sent.Headers.GetValues(SignatureHeaders.Signature).Single(), input.Label, signature));
        var target = RequestTarget.Of("POST", new Uri(address).PathAndQuery, "http", "localhost:4301");
        Assert.True(_key.PublicKey.Verify(RequestSignatureBase.Build(target, input, name => name == "content-digest" ? digest : null), signature));
        Assert.StartsWith("coord-1.", input.Nonce, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_requests_share_no_nonce()
    {
        using var signer = new RequestSigner(_key, "agent:agent-1", "coord-1", TimeProvider.System);
        var target = RequestTarget.Of("GET", "/", "http", "h");
        Assert.NotEqual(signer.Sign(target, ContentDigest.OfNothing).SignatureInput, signer.Sign(target, ContentDigest.OfNothing).SignatureInput);
    }

    private sealed class Receiver(Action<HttpRequestMessage> receive) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            receive(request);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
