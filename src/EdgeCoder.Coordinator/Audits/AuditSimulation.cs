using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Protocol.Audits;

namespace EdgeCoder.Coordinator.Audits;

/// <summary>One line of the table.</summary>
/// <param name="CheatPercent">How often a lying agent cheats.</param>
/// <param name="Rule">Which results are audited.</param>
/// <param name="HonestOverhead">Audits for each result of an honest agent.</param>
/// <param name="LiarOverhead">Audits for each result of a lying agent until it is found out.</param>
/// <param name="Caught">Share of lying agents that are found out within the run.</param>
/// <param name="MedianResults">Results of a lying agent until it is found out; null when most are not.</param>
/// <param name="CheatsPaid">False results of a lying agent that were paid.</param>
internal sealed record SimulatedAudit(int CheatPercent, string Rule, double HonestOverhead, double LiarOverhead, double Caught, int? MedianResults, double CheatsPaid);

/// <summary>
/// What audits cost and what they find (coordinator-and-mesh 5.3). Simulated is the case that re-running does not cover: a false result that the first
/// verifier accepts, because it is faulty or bribed. An auditor of another owner repeats the check and sees it. Everything else is found by the re-run of
/// every result, at the price of one run for each. Deterministic.
/// </summary>
internal static class AuditSimulation
{
    private const int Agents = 100;
    private const int Results = 1_000;

    /// <summary>The lines, for cheat rates of 1, 5 and 20 %.</summary>
    public static IReadOnlyList<SimulatedAudit> Run()
    {
        (string Name, Func<byte[], string, string, int, bool> Drawn)[] rules =
        [
            ("adaptive: CV < 10 always, then 1/CV", (seed, lease, digest, cv) => AuditDraw.IsDrawn(seed, lease, digest, cv)),
            ("fixed: 10 %", (seed, lease, digest, _) => AuditDraw.IsDrawn(seed, lease, digest, 10)),
            ("fixed: 1 %", (seed, lease, digest, _) => AuditDraw.IsDrawn(seed, lease, digest, 100)),
            ("none", (_, _, _, _) => false),
        ];
        var honest = rules.ToDictionary(rule => rule.Name, rule => (double)Enumerable.Range(0, Agents).Sum(agent => Life(agent, 0, rule.Drawn).Audits) / (Agents * Results));
        return [.. from percent in new[] { 1, 5, 20 } from rule in rules select Line(percent, rule.Name, honest[rule.Name], rule.Drawn)];
    }

    /// <summary>The lines as a Markdown table.</summary>
    public static string Table(IReadOnlyList<SimulatedAudit> lines)
    {
        var text = new StringBuilder("| Cheats | Audited | Audits per honest result | Audits per lying result | Liars found in 1,000 results | Median results until found | False results paid per liar |\n|---|---|---|---|---|---|---|\n");
        foreach (var line in lines)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {line.CheatPercent} % | {line.Rule} | {line.HonestOverhead:0.0000} | {line.LiarOverhead:0.0000} | {line.Caught * 100:0.0} % | {(line.MedianResults is { } median ? median.ToString(CultureInfo.InvariantCulture) : "–")} | {line.CheatsPaid:0.00} |\n");
        }

        return text.ToString();
    }

    private static SimulatedAudit Line(int percent, string rule, double honest, Func<byte[], string, string, int, bool> drawn)
    {
        long liarAudits = 0, liarResults = 0, paid = 0;
        List<int> found = [];
        for (var agent = 0; agent < Agents; agent++)
        {
            var liar = Life(agent, percent, drawn);
            liarAudits += liar.Audits;
            liarResults += liar.Results;
            paid += liar.Paid;
            if (liar.Found)
            {
                found.Add(liar.Results);
            }
        }

        found.Sort();
        return new(
            percent, rule, honest, (double)liarAudits / liarResults, (double)found.Count / Agents,
            found.Count * 2 > Agents ? found[Agents / 2] : null, (double)paid / Agents);
    }

    /// <summary>The results of one agent until it is found out. The draws are the real ones.</summary>
    private static (int Results, int Audits, int Paid, bool Found) Life(int agent, int percent, Func<byte[], string, string, int, bool> drawn)
    {
        var seed = SHA256.HashData(Encoding.UTF8.GetBytes($"window {agent}"));
        var mood = new Random((agent * 100) + percent);
        var (cv, audits, paid) = (0, 0, 0);
        for (var i = 1; i <= Results; i++)
        {
            var (lease, digest) = ($"lease {agent} {i}", $"digest {agent} {i}");
            var cheats = mood.Next(100) < percent;
            if (drawn(seed, lease, digest, cv))
            {
                audits++;
                if (cheats)
                {
                    return (i, audits, paid, true);
                }
            }
            else if (cheats)
            {
                paid++;
            }

            cv++;
        }

        return (Results, audits, paid, false);
    }
}
