using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Protocol.Audits;

/// <summary>
/// Which accepted results are run again by a second agent (coordinator-and-mesh 5.3). The seed of the window is committed before any lease names it, and
/// lease and result both move the draw, so nobody can foresee or choose an audit and everybody can recompute it once the seed is published.
/// </summary>
public static class AuditDraw
{
    /// <summary>Bytes of a seed.</summary>
    public const int SeedSize = 32;

    /// <summary>Consecutive valid results from which on an agent is trusted; below it every result is audited.</summary>
    public const int TrustedCv = 10;

    private static ReadOnlySpan<byte> SeedContext => "edgecoder/audit-seed/v1\n"u8;

    /// <summary>Makes the seed of a window.</summary>
    public static byte[] NewSeed() => RandomNumberGenerator.GetBytes(SeedSize);

    /// <summary>What the log commits to: hex SHA-256 of <c>edgecoder/audit-seed/v1</c> LF seed.</summary>
    public static string SeedHash(ReadOnlySpan<byte> seed) => Convert.ToHexStringLower(SHA256.HashData([.. SeedContext, .. seed]));

    /// <summary>Whether a result is audited; <paramref name="cv"/> as the lease has it: always below 10, else with probability 1/CV.</summary>
    public static bool IsDrawn(ReadOnlySpan<byte> seed, string leaseId, string resultDigest, int cv) =>
        cv < TrustedCv || (UInt128)Number(seed, leaseId, resultDigest, 0) * (UInt128)cv < UInt128.One << 64;

    /// <summary>Position of the auditor among <paramref name="eligible"/> agents in order of their ids. There must be one.</summary>
    public static int Auditor(ReadOnlySpan<byte> seed, string leaseId, string resultDigest, int eligible)
    {
        return AuditorOf(AuditorNumber(seed, leaseId, resultDigest), eligible);
    }

    /// <summary>The 64 bits that choose the auditor, whoever is eligible.</summary>
    public static long AuditorNumber(ReadOnlySpan<byte> seed, string leaseId, string resultDigest) => unchecked((long)Number(seed, leaseId, resultDigest, sizeof(ulong)));

    /// <summary>Position that <see cref="AuditorNumber"/> means among <paramref name="eligible"/> agents. There must be one.</summary>
    public static int AuditorOf(long number, int eligible)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(eligible, 1);
        return (int)(unchecked((ulong)number) % (ulong)eligible);
    }

    private static ulong Number(ReadOnlySpan<byte> seed, string leaseId, string resultDigest, int offset)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(seed, Encoding.UTF8.GetBytes($"{leaseId}\n{resultDigest}"), mac);
        return BinaryPrimitives.ReadUInt64BigEndian(mac[offset..]);
    }
}
