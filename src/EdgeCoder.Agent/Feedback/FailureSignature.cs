using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Feedback;

/// <summary>What makes two failures the same: the reason and the failing cases with their values, not times, addresses or paths.</summary>
internal static partial class FailureSignature
{
    /// <summary>Signature of a failed run.</summary>
    public static string Of(RunResult result)
    {
        var text = new StringBuilder().Append(result.QueueReason).Append('|').Append(result.Detail?.Code).Append('|').Append(result.Detail?.Construct);
        var bad = result.Tests?.Cases.Where(c => c.Status is TestStatus.Failed or TestStatus.Errored).OrderBy(c => c.Name, StringComparer.Ordinal).ToList() ?? [];
        foreach (var test in bad)
        {
            text.Append('|').Append(test.Name).Append('=').Append(test.Status).Append(Normal(test.Message)).Append(Normal(test.Expected)).Append(Normal(test.Actual));
        }

        if (bad.Count == 0)
        {
            text.Append('|').Append(result.ExitCode).Append('|').Append(Normal(result.Detail?.Message ?? LastLine(result.Stderr)));
        }

        return text.ToString();
    }

    /// <summary>SHA-256 of a program, blanks at line ends and around it aside.</summary>
    public static string OfCode(string code) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd())).Trim())));

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];

    private static string Normal(string? text) => text is null ? "" : Address().Replace(text, "0x");

    [GeneratedRegex("0x[0-9a-fA-F]+", RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
