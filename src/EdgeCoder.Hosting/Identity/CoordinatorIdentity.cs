using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Hosting.Identity;

/// <summary>Who a coordinator is (coordinator-and-mesh 9.1): id, key and address, the same after every start.</summary>
public sealed class CoordinatorIdentity : IDisposable
{
    private const string KeyName = "coordinator";
    private const int LeastChallengeBytes = 16;
    private const int MostChallengeBytes = 64;

    private readonly KeyFolder? _folder;
    private readonly Dictionary<string, SigningKey> _opened = new(StringComparer.Ordinal);
    private volatile IdentityKeys _keys;

    /// <summary>An identity with a given key, which it disposes of. Its key cannot be changed.</summary>
    public CoordinatorIdentity(string peerId, SigningKey key, string publicUrl)
    {
        (PeerId, PublicUrl) = (peerId, publicUrl);
        _opened[key.PublicKey.KeyId] = key;
        _keys = new() { Current = key };
    }

    /// <summary>An identity whose keys are those of a folder.</summary>
    internal CoordinatorIdentity(string peerId, KeyFolder folder, string publicUrl)
    {
        (PeerId, PublicUrl, _folder) = (peerId, publicUrl, folder);
        _keys = Open(folder.Bundle(KeyName, peerId), null);
    }

    /// <summary>Its id.</summary>
    public string PeerId { get; }

    /// <summary>Its signing key of this moment: ask for it each time, it changes by rotation.</summary>
    public SigningKey Key => _keys.Current;

    /// <summary>Every key that it has had, with their times; null before the log is open.</summary>
    public KeyChain? Chain => _keys.Chain;

    /// <summary>Whether its key can be changed: one that comes from the settings cannot.</summary>
    public bool CanRotate => _folder is not null;

    /// <summary>32 bytes under which secrets of leases are kept: the same before and after a change of the key.</summary>
    public byte[] LeaseSeed => _keys.LeaseSeed ?? DeriveLeaseSeed(Key);

    /// <summary>Its address as others see it, as written in the settings.</summary>
    public string PublicUrl { get; }

    /// <summary>Its key as signed notes name it (C2SP signed-note): name, hash, algorithm and key. The name is the origin of its log, <c>edgecoder/&lt;peerId&gt;</c>.</summary>
    public string VerifierKey => MakeVerifierKey("edgecoder/" + PeerId, Key.PublicKey);

    /// <summary>The id that follows from an address: <c>coord-</c> and the first 12 hex digits of SHA-256 of the address as written.</summary>
    public static string PeerIdOf(string publicUrl) => $"coord-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(publicUrl)))[..12]}";

    /// <summary>Loads the identity of the data directory, making its key at the first start.</summary>
    /// <param name="keys">Key store.</param>
    /// <param name="publicUrl"><c>COORDINATOR_PUBLIC_URL</c> as written.</param>
    /// <param name="peerId"><c>COORDINATOR_PEER_ID</c>; null: follows from the address.</param>
    /// <param name="privateKeyPem"><c>COORDINATOR_PRIVATE_KEY_PEM</c>; null: the stored key.</param>
    /// <exception cref="KeyRefusedException">The stored key belongs to another id: the address or id was changed, and a second identity is never begun silently.</exception>
    public static CoordinatorIdentity Load(KeyFolder keys, string publicUrl, string? peerId = null, string? privateKeyPem = null)
    {
        var id = peerId ?? PeerIdOf(publicUrl);
        if (keys.OwnerOf(KeyName) is { } owner && owner != id)
        {
            throw new KeyRefusedException(
                $"This data directory belongs to coordinator {owner}, but the settings make it {id}. Restore COORDINATOR_PUBLIC_URL, or keep the identity under the new address with COORDINATOR_PEER_ID={owner}.");
        }

        return privateKeyPem is null ? new(id, keys, publicUrl) : new(id, keys.SigningKey(KeyName, id, privateKeyPem), publicUrl);
    }

    /// <summary>The keys that sign what must be believed by those who know the old one only: the newest, and while it still counts the one before it.</summary>
    public IReadOnlyList<SigningKey> Signers(long nowMs)
    {
        var keys = _keys;
        return keys.Previous is { } old && keys.Chain?.Of(old.PublicKey)?.HasEndedBy(nowMs) == false ? [keys.Current, old] : [keys.Current];
    }

    /// <summary>The own key with an id, where it is here.</summary>
    public SigningKey? Find(string keyId)
    {
        var keys = _keys;
        return keys.Current.PublicKey.KeyId == keyId ? keys.Current : keys.Previous is { } old && old.PublicKey.KeyId == keyId ? old : null;
    }

    /// <summary>The public keys that it has had, newest first.</summary>
    public IReadOnlyList<VerifyingKey> PublicKeys => Chain is { } chain ? [.. chain.Periods.Reverse().Select(period => period.Key)] : [Key.PublicKey];

    /// <summary>Makes the key to change to, unless one is made and waits, and gives it. It is on the disk when this returns.</summary>
    /// <exception cref="InvalidOperationException">The key comes from the settings.</exception>
    public SigningKey Prepare()
    {
        var stored = Folder.Change(KeyName, PeerId, stored => stored.NextKey is null ? stored with { NextKey = KeyFolder.NewSigningKey() } : null);
        return Open(stored.NextKey!);
    }

    /// <summary>
    /// Takes the chain that the log says, and puts the key that it ends with in the place of the present one: in one step on the disk, then here. Safe to repeat. A key before it that has ended is removed.
    /// Gives false where the key is not here: the store is newer than the key folder, or older.
    /// </summary>
    public bool Take(KeyChain chain, long nowMs)
    {
        if (_folder is null)
        {
            _keys = _keys with { Chain = chain };
            return chain.Newest.Equals(Key.PublicKey);
        }

        var id = chain.Newest.KeyId;
        var stored = _folder.Change(KeyName, PeerId, stored =>
            IdOf(stored.NextKey) == id
                ? stored with { PrivateKey = stored.NextKey!, PreviousKey = stored.PrivateKey, NextKey = null, LeaseSeed = stored.LeaseSeed ?? Convert.ToBase64String(DeriveLeaseSeed(Open(stored.PrivateKey))) }
            : IdOf(stored.PrivateKey) == id && IdOf(stored.PreviousKey) is { } old && (chain.Periods.FirstOrDefault(period => period.Key.KeyId == old)?.HasEndedBy(nowMs) ?? false)
                ? stored with { PreviousKey = null }
            : null);
        _keys = Open(stored, chain);
        return chain.Newest.Equals(Key.PublicKey);
    }

    /// <summary>Answer of <c>GET /identity</c>; with a challenge it proves that the key is here.</summary>
    /// <exception cref="Refusal">400 <c>validation_failed</c>: the challenge is not base64url of 16 to 64 bytes.</exception>
    public IdentityAnswer Answer(string? challenge, string networkMode, long nowMs)
    {
        if (challenge is not null && !IsChallenge(challenge))
        {
            throw Refusal.Invalid([new("challenge", $"base64url of {LeastChallengeBytes} to {MostChallengeBytes} bytes, without padding")]);
        }

        return new()
        {
            PeerId = PeerId,
            PublicKeyPem = Key.PublicKey.Pem,
            KeyId = Key.PublicKey.KeyId,
            Vkey = VerifierKey,
            CoordinatorUrl = PublicUrl,
            NetworkMode = networkMode,
            Rotations = Chain?.Texts(),
            Proof = challenge is null ? null : IdentityProof.Sign(challenge, PeerId, PublicUrl, nowMs, Key),
            IssuedAtMs = challenge is null ? null : nowMs,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_opened)
        {
            foreach (var key in _opened.Values)
            {
                key.Dispose();
            }
        }
    }

    private KeyFolder Folder => _folder ?? throw new InvalidOperationException("The key comes from the settings.");

    // A deterministic Ed25519 signature of a text that is signed nowhere else, hashed.
    private static byte[] DeriveLeaseSeed(SigningKey key) => SHA256.HashData(key.Sign("edgecoder/lease-secrets/v1"u8));

    private IdentityKeys Open(StoredKey stored, KeyChain? chain) => new()
    {
        Current = Open(stored.PrivateKey),
        Previous = stored.PreviousKey is { } old ? Open(old) : null,
        LeaseSeed = Base64Text.TryRead(stored.LeaseSeed),
        Chain = chain,
    };

    // Each key is opened once and stays open: somebody may be signing with it.
    private SigningKey Open(string pem)
    {
        lock (_opened)
        {
            var key = SigningKey.FromPem(pem);
            if (_opened.TryAdd(key.PublicKey.KeyId, key))
            {
                return key;
            }

            var known = _opened[key.PublicKey.KeyId];
            key.Dispose();
            return known;
        }
    }

    private string? IdOf(string? pem) => pem is null ? null : Open(pem).PublicKey.KeyId;

    private static bool IsChallenge(string text) =>
        !text.Contains('=', StringComparison.Ordinal) && Base64Url.IsValid(text, out var bytes) && bytes is >= LeastChallengeBytes and <= MostChallengeBytes;

    internal static string MakeVerifierKey(string name, VerifyingKey key)
    {
        byte[] typed = [1, .. key.Raw];
        var hash = SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', .. typed]);
        return $"{name}+{Convert.ToHexStringLower(hash.AsSpan(0, 4))}+{Convert.ToBase64String(typed)}";
    }
}
