using System.Security.Cryptography;

namespace EdgeCoder.Inference.Completions;

/// <summary>Ids of tool calls and answers.</summary>
internal static class CallIds
{
    /// <summary>The provider's own id; a new one where it gave none.</summary>
    public static string Of(string? given) => string.IsNullOrEmpty(given) ? New("call_") : given;

    /// <summary>A new id: the prefix and 96 random bits.</summary>
    public static string New(string prefix) => string.Create(prefix.Length + 24, prefix, static (target, prefix) =>
    {
        prefix.CopyTo(target);
        RandomNumberGenerator.GetHexString(target[prefix.Length..], lowercase: true);
    });
}
