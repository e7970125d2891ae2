using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Repositories;

/// <summary>
/// Watches a prompt for work that goes in a circle: the same call with the same result while nothing changed, or the same test failure. A fold: replaying
/// the steps gives the same state (agent-executor-models 1.6).
/// </summary>
internal sealed partial class CallRepetition
{
    /// <summary>The time at which it ends the prompt.</summary>
    public const int Most = 3;

    private readonly Dictionary<string, int> _calls = [];
    private readonly Dictionary<string, int> _failures = [];
    private string _tree = "";

    /// <summary>How often this call has given this result since the tree last changed.</summary>
    public int Call(string tool, string arguments, string result, string? tree)
    {
        if (tree is not null && tree != _tree)
        {
            // What was read before may be different now.
            _tree = tree;
            _calls.Clear();
        }

        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tool}\0{arguments}\0{Normal(result)}")));
        return _calls[key] = _calls.GetValueOrDefault(key) + 1;
    }

    /// <summary>How often the tests have failed this way.</summary>
    public int Failure(TestReport report)
    {
        var bad = report.Cases.Where(c => c.Status is TestStatus.Failed or TestStatus.Errored).OrderBy(c => c.Name, StringComparer.Ordinal);
        var key = $"{report.Complete}|{report.Failed}|{report.Errored}|{string.Join('|', bad.Select(c => $"{c.Name}={c.Status}{Normal(c.Message)}{c.Expected}{c.Actual}"))}";
        return _failures[key] = _failures.GetValueOrDefault(key) + 1;
    }

    /// <summary>Without addresses and times.</summary>
    private static string Normal(string? text) => text is null ? "" : Changing().Replace(text, "·");

    [GeneratedRegex(@"0x[0-9a-fA-F]+|\b\d+(\.\d+)?\s?m?s\b", RegexOptions.CultureInvariant)]
    private static partial Regex Changing();
}
