using System.IO.Compression;
using System.Text.Json;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.SystemTests.Run;

/// <summary>The evaluation command with a model that knows the answers, and one that does not.</summary>
public sealed class EvaluationTests
{
    [Theory]
    [InlineData("python", "HumanEval.jsonl.gz")]
    [InlineData("javascript", "humaneval_js.jsonl.gz")]
    public async Task Right_answers_score_one_and_wrong_ones_nothing(string language, string file)
    {
        var problems = Problems(file);
        var fence = language == "python" ? "python" : "javascript";
        await using var knows = await ScriptedCoder.StartAsync([.. problems.Take(3).Select(problem => $"```{fence}\n{problem.Prompt}{problem.Solution}\n```")]);
        var right = await EvaluateAsync(knows, language);
        Assert.Equal((3, 3, 1.0), (right.GetProperty("total").GetInt32(), right.GetProperty("passed").GetInt32(), right.GetProperty("pass@1").GetDouble()));
        Assert.Equal("scripted", right.GetProperty("model").GetProperty("id").GetString());

        var nothing = language == "python" ? "pass" : "}";
        await using var fails = await ScriptedCoder.StartAsync([.. problems.Take(3).Select(problem => $"```{fence}\n{problem.Prompt}    {nothing}\n```")]);
        var wrong = await EvaluateAsync(fails, language);
        Assert.Equal((3, 0.0), (wrong.GetProperty("total").GetInt32(), wrong.GetProperty("pass@1").GetDouble()));
        Assert.All(wrong.GetProperty("problems").EnumerateArray(), problem => Assert.False(string.IsNullOrEmpty(problem.GetProperty("reason").GetString())));
    }

    private static async Task<JsonElement> EvaluateAsync(ScriptedCoder coder, string language)
    {
        var result = await coder.Run.ToEndAsync("eval", "humaneval", "--lang", language, "--limit", "3", "--out", "report.json");
        Assert.True(result.ExitCode == 0, result.ToString());
        return JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(coder.Run.Directory, "report.json"), TestContext.Current.CancellationToken)).RootElement.Clone();
    }

    private static List<(string Prompt, string Solution)> Problems(string file)
    {
        using var lines = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(Repository.Root, "src", "EdgeCoder", "Evaluation", "Data", file)), CompressionMode.Decompress));
        var problems = new List<(string, string)>();
        while (lines.ReadLine() is { } line && problems.Count < 3)
        {
            var problem = JsonDocument.Parse(line).RootElement;
            problems.Add((problem.GetProperty("prompt").GetString()!, problem.GetProperty("canonical_solution").GetString()!));
        }

        return problems;
    }
}
