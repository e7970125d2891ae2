using System.Globalization;
using System.Text;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Feedback;

/// <summary>What the model is told about a failed run: the middle column of the observation table, row by row.</summary>
internal static class RunFeedback
{
    private const int MostCases = 8;

    /// <summary>
    /// Writes the feedback. <paramref name="files"/> is what ran (the line at fault is quoted from it); <paramref name="room"/> is about the number of
    /// characters that each of its longer parts may take.
    /// </summary>
    public static string Of(RunResult result, IReadOnlyList<SnippetFile> files, int room)
    {
        var text = new StringBuilder();
        switch (result.QueueReason)
        {
            case QueueReason.SyntaxError:
                text.AppendLine("The code does not parse.");
                Position(text, result, files);
                break;
            case QueueReason.OutsideSubset:
                text.AppendLine("The code was refused before it ran: it is outside the accepted subset.");
                Position(text, result, files);
                break;
            case QueueReason.Timeout or QueueReason.MemoryLimit or QueueReason.OutputLimit:
                text.AppendLine(Limit(result));
                Streams(text, result, room);
                break;
            default:
                Tests(text, result, room);
                text.AppendLine(CultureInfo.InvariantCulture, $"Exit code: {result.ExitCode}.");
                Streams(text, result, room);
                break;
        }

        return text.ToString().TrimEnd();
    }

    private static void Position(StringBuilder text, RunResult result, IReadOnlyList<SnippetFile> files)
    {
        var detail = result.Detail;
        if (detail?.Construct is { } construct)
        {
            text.AppendLine($"Construct: {construct}");
        }

        text.AppendLine(detail?.Message ?? result.Stderr.Trim());
        if (detail?.Line is { } line)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"At {(files.Count > 1 && detail.File is { } file ? file + " " : "")}line {line}{(detail.Column is { } column ? string.Create(CultureInfo.InvariantCulture, $", column {column}") : "")}:");
            var lines = (files.FirstOrDefault(f => f.Name == detail.File) ?? files.FirstOrDefault())?.Text.Split('\n') ?? [];
            if (line >= 1 && line <= lines.Length)
            {
                text.AppendLine($"    {lines[line - 1].TrimEnd()}");
            }
        }

        if (detail?.Alternative is { } alternative)
        {
            text.AppendLine($"Use instead: {alternative}");
        }
    }

    private static string Limit(RunResult result)
    {
        var limits = result.Limits;
        return result.QueueReason switch
        {
            QueueReason.Timeout when limits.Hit == "cpu" => string.Create(CultureInfo.InvariantCulture, $"The CPU time limit of {limits.CpuMs} ms was reached: the code is too slow or never ends."),
            QueueReason.Timeout => string.Create(CultureInfo.InvariantCulture, $"The time limit of {limits.WallMs} ms was reached: the code is too slow or never ends."),
            QueueReason.MemoryLimit => string.Create(CultureInfo.InvariantCulture, $"The memory limit of {limits.MemoryBytes} bytes was reached."),
            _ => string.Create(CultureInfo.InvariantCulture, $"The output limit of {limits.OutputBytes} bytes was reached: print less."),
        };
    }

    private static void Tests(StringBuilder text, RunResult result, int room)
    {
        if (result.Tests is not { } report)
        {
            text.AppendLine("The program ended with an error.");
            return;
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"{report.Passed} of {report.Total} tests passed; {report.Failed} failed, {report.Errored} ended with an error, {report.Skipped} were skipped.");
        if (!report.Complete)
        {
            text.AppendLine("The test run ended before its end (the program stopped it), so nothing counts.");
        }

        var bad = report.Cases.Where(c => c.Status is TestStatus.Failed or TestStatus.Errored).ToList();
        foreach (var test in bad.Take(MostCases))
        {
            Case(text, test, room / 2);
        }

        if (bad.Count > MostCases)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"… and {bad.Count - MostCases} more.");
        }
    }

    private static void Case(StringBuilder text, TestCase test, int room)
    {
        text.AppendLine($"- {test.Name}: {(test.Status == TestStatus.Failed ? "failed" : "error")}");
        Labelled(text, "message", test.Message, room);
        Labelled(text, "expected", test.Expected, room);
        Labelled(text, "actual", test.Actual, room);
        Labelled(text, "stdout", test.Stdout, room);
        Labelled(text, "stderr", test.Stderr, room);
    }

    private static void Labelled(StringBuilder text, string label, string? value, int room)
    {
        if (!string.IsNullOrWhiteSpace(value))
        {
            text.AppendLine($"  {label}: {OutputExcerpt.Of(value, room).ReplaceLineEndings("\n    ")}");
        }
    }

    private static void Streams(StringBuilder text, RunResult result, int room)
    {
        Stream(text, "stdout", result.Stdout, result.Truncated?.StdoutBytes ?? 0, room);
        Stream(text, "stderr", result.Stderr, result.Truncated?.StderrBytes ?? 0, room);
    }

    private static void Stream(StringBuilder text, string name, string content, long dropped, int room)
    {
        if (string.IsNullOrWhiteSpace(content) && dropped == 0)
        {
            text.AppendLine($"{name}: empty.");
            return;
        }

        text.AppendLine($"{name}:").AppendLine(OutputExcerpt.Of(content, room, dropped));
    }
}
