using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Hosting.Identity;

/// <summary>The keys of a coordinator at one moment.</summary>
internal sealed record IdentityKeys
{
    /// <summary>Signs.</summary>
    public required SigningKey Current { get; init; }

    /// <summary>The one before it, while it is kept.</summary>
    public SigningKey? Previous { get; init; }

    /// <summary>Kept from the first change of the key on.</summary>
    public byte[]? LeaseSeed { get; init; }

    /// <summary>As the log says them; null before it is open.</summary>
    public KeyChain? Chain { get; init; }
}
