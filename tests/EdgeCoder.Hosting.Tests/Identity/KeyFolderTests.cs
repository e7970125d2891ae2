using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Hosting.Tests.Identity;

public sealed class KeyFolderTests : IDisposable
{
    private const string Address = "http://127.0.0.1:4301";

    private readonly TemporaryDirectory _directory = new();
    private readonly KeyFolder _keys;

    public KeyFolderTests() => _keys = new(_directory.Path);

    public void Dispose() => _directory.Dispose();

    // M6: a restart keeps key and peerId.
    [Fact]
    public void Key_is_made_once_and_read_again()
    {
        using var first = CoordinatorIdentity.Load(_keys, Address);
        using var second = CoordinatorIdentity.Load(new(_directory.Path), Address);
        Assert.Equal("coord-3816af993b3d", first.PeerId);
        Assert.Equal((first.PeerId, first.Key.PublicKey), (second.PeerId, second.Key.PublicKey));
    }

    [Fact]
    public void Only_the_owner_may_read_it()
    {
        using var identity = CoordinatorIdentity.Load(_keys, Address);
        var file = Path.Combine(_directory.Path, "keys", "coordinator.key");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<KeyRefusedException>(() => CoordinatorIdentity.Load(_keys, Address)).Message, StringComparison.Ordinal);
    }

    // E11.
    [Fact]
    public void Changed_address_over_a_bound_key_stops_with_advice()
    {
        CoordinatorIdentity.Load(_keys, Address).Dispose();
        var fault = Assert.Throws<KeyRefusedException>(() => CoordinatorIdentity.Load(_keys, "https://coordinator.example"));
        Assert.Contains("COORDINATOR_PEER_ID=coord-3816af993b3d", fault.Message, StringComparison.Ordinal);
        using var kept = CoordinatorIdentity.Load(_keys, "https://coordinator.example", "coord-3816af993b3d");
        Assert.Equal("https://coordinator.example", kept.PublicUrl);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"ownerId":"coord-3816af993b3d","privateKey":"-----BEGIN PRIVATE KEY-----"}""")]
    [InlineData("""{"ownerId":"coord-3816af993b3d","privateKey":null}""")]
    [InlineData("""{"ownerId":"coord-3816af993b3d","privateKey":"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n","nextKey":"no key"}""")]
    public void Damaged_key_stops_the_start_and_is_never_replaced(string content)
    {
        CoordinatorIdentity.Load(_keys, Address).Dispose();
        var file = Path.Combine(_directory.Path, "keys", "coordinator.key");
        File.WriteAllText(file, content);
        Assert.Throws<KeyRefusedException>(() => CoordinatorIdentity.Load(_keys, Address));
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Fact]
    public void Key_of_the_settings_must_be_the_stored_one()
    {
        using var given = SigningKey.Generate();
        using var other = SigningKey.Generate();
        using (var identity = CoordinatorIdentity.Load(_keys, Address, privateKeyPem: given.ToPem()))
        {
            Assert.Equal(given.PublicKey, identity.Key.PublicKey);
        }

        var fault = Assert.Throws<KeyRefusedException>(() => CoordinatorIdentity.Load(_keys, Address, privateKeyPem: other.ToPem()));
        Assert.DoesNotContain("BEGIN", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_that_start_together_share_one_key()
    {
        for (var round = 0; round < 20; round++)
        {
            var place = Path.Combine(_directory.Path, $"{round}");
            var made = new System.Collections.Concurrent.ConcurrentBag<string>();
            Parallel.For(0, 8, _ =>
            {
                using var identity = CoordinatorIdentity.Load(new(place), Address);
                made.Add(identity.Key.PublicKey.KeyId);
            });
            Assert.Single(made.Distinct());
            Assert.Single(Directory.GetFiles(Path.Combine(place, "keys")));
        }
    }

    [Fact]
    public void Each_id_has_its_own_keys()
    {
        using var one = _keys.EnvelopeKey("agent-1-x25519", "agent-1");
        using var again = _keys.EnvelopeKey("agent-1-x25519", "agent-1");
        Assert.Equal(one.KeyId, again.KeyId);
        Assert.Throws<KeyRefusedException>(() => _keys.EnvelopeKey("agent-1-x25519", "agent-2"));
        Assert.Throws<KeyRefusedException>(() => _keys.SigningKey("agent", "../x"));
        Assert.Equal(_keys.Secret("store", "agent-1"), _keys.Secret("store", "agent-1"));
        Assert.Null(_keys.OwnerOf("nothing"));
    }

    [Fact]
    public void Identity_answers_a_challenge_with_a_proof()
    {
        using var identity = CoordinatorIdentity.Load(_keys, Address);
        var answer = identity.Answer("AAECAwQFBgcICQoLDA0ODw", "public_mesh", 5);
        Assert.True(IdentityProof.Verify("AAECAwQFBgcICQoLDA0ODw", answer));
        Assert.Null(identity.Answer(null, "public_mesh", 5).Proof);
        foreach (var challenge in new[] { "", "AAAA", "not base64url!", new string('A', 87), "AAECAwQFBgcICQoLDA0ODw==" })
        {
            Assert.Equal(400, Assert.Throws<Refusal>(() => identity.Answer(challenge, "public_mesh", 5)).Status);
        }
    }

    // The vector of economy-and-ledger 20: name, hash and key of a signed note.
    [Fact]
    public void Verifier_key_is_that_of_signed_notes()
    {
        Assert.True(VerifyingKey.TryFromRaw(Convert.FromBase64String("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").AsSpan(1), out var key));
        Assert.Equal("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", CoordinatorIdentity.MakeVerifierKey("PeterNeumann", key));
    }
}
