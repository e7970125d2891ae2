using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Coordinator.Lightning;

/// <summary>How a row remembers which node was asked to pay.</summary>
internal static class NodeId
{
    /// <summary>Kind, colon, first 16 hex digits of SHA-256 of the address.</summary>
    public static string Of(LightningSettings settings) =>
        $"{settings.Provider}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(settings.Address!.AbsoluteUri)).AsSpan(0, 8))}";
}
