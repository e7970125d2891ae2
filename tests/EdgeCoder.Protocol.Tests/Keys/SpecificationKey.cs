using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Tests.Keys;

/// <summary>The key of the specification's vectors: seed 00…1f (coordinator-and-mesh 12).</summary>
internal static class SpecificationKey
{
    public const string PublicHex = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";

    public static SigningKey Load() => SigningKey.FromSeed([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
}
