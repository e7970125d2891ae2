using System.Security.Cryptography;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.Warm;

/// <summary>The first job of a zygote: the canaries, and a program that does nothing.</summary>
internal static class CanaryJob
{
    /// <summary>Makes it.</summary>
    public static SandboxJob For(SnippetLanguage language)
    {
        var limits = LimitPlan.Read(language, new RequestedLimits()).Plan!;
        var key = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var request = new RunRequest { Language = language, Files = [new(language == SnippetLanguage.Python ? "canary.py" : "canary.js", "")] };
        return new SandboxJob { Limits = limits, Frame = SnippetFrame.Build(request, key, subset: false, limits, canary: true).Frame!, Key = key };
    }
}
