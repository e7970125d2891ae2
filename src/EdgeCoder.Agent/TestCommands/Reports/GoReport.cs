using System.Text;
using System.Text.Json;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.TestCommands.Reports;

/// <summary>The events of <c>go test -json</c> (cmd/test2json): pure. A package that does not build, or ends before its tests do, is a case of its own.</summary>
internal static class GoReport
{
    /// <summary>Adds the cases. False when a test began and no end is told, or nothing was told.</summary>
    public static bool Read(string text, ReportBuilder report)
    {
        var (open, outputs, told) = (new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, StringBuilder>(StringComparer.Ordinal), false);
        foreach (var line in text.Split('\n').Where(line => line.StartsWith('{')))
        {
            if (Parse(line) is not var (action, package, test, output, elapsed))
            {
                continue;
            }

            told = true;
            var name = test is null ? package : $"{package}.{test}";
            var kept = outputs.TryGetValue(name, out var known) ? known : outputs[name] = new();
            switch (action)
            {
                case "run":
                    open.Add(name);
                    break;
                case "output" or "build-output" when kept.Length < 16_000:
                    kept.Append(output);
                    break;
                case "pass" or "fail" or "skip" when test is not null:
                    open.Remove(name);
                    report.Add(name, action switch { "pass" => TestStatus.Passed, "fail" => TestStatus.Failed, _ => TestStatus.Skipped }, elapsed, action == "pass" ? null : kept.ToString());
                    break;
                case "build-fail":
                    report.Add(package, TestStatus.Errored, 0, kept.ToString());
                    break;
                case "fail" when report.Bad == 0 || open.Any(one => one.StartsWith(package + ".", StringComparison.Ordinal)):
                    report.Add(package, TestStatus.Errored, elapsed, kept.ToString());
                    open.RemoveWhere(one => one.StartsWith(package + ".", StringComparison.Ordinal));
                    break;
            }
        }

        return told && open.Count == 0;
    }

    private static (string Action, string Package, string? Test, string Output, double ElapsedMs)? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var one = document.RootElement;
            string? Text(string name) => one.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            return Text("Action") is { } action
                ? (action, Text("Package") ?? Text("ImportPath") ?? "", Text("Test"), Text("Output") ?? "", one.TryGetProperty("Elapsed", out var elapsed) && elapsed.TryGetDouble(out var seconds) ? seconds * 1000 : 0)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
