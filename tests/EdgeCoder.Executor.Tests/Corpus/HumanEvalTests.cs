using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests.Corpus;

/// <summary>Every canonical solution passes its tests in the executor: nothing of ordinary programs is refused, and the tests are really run.</summary>
public sealed class HumanEvalTests(ExecutorFixture fixture)
{
    private static readonly string[] Invalid = ["JavaScript/112", "JavaScript/155", "JavaScript/162"]; // wrong asserts, wrong asserts, a package: see the data's README

    [Fact]
    public async Task All_164_canonical_python_solutions_pass()
    {
        var failures = await RunAllAsync(fixture.Executor, "HumanEval.jsonl.gz", problem => Snippets.Request(
            SnippetLanguage.Python,
            "py",
            problem.GetProperty("prompt").GetString()! + problem.GetProperty("canonical_solution").GetString(),
            $"{problem.GetProperty("test").GetString()}\ncheck({problem.GetProperty("entry_point").GetString()})\n"), 164, refused: ["HumanEval/160"]); // its canonical solution calls eval

        Assert.Empty(failures);
    }

    [Theory]
    [InlineData("as routed")]
    [InlineData("webassembly")]
    [InlineData("node")]
    public async Task All_161_valid_canonical_javascript_solutions_pass(string engine)
    {
        var executor = engine switch { "webassembly" => fixture.WebAssembly, "node" => fixture.Processes, _ => fixture.Executor };
        var failures = await RunAllAsync(executor, "humaneval_js.jsonl.gz", problem => Snippets.Request(
            SnippetLanguage.JavaScript,
            "js",
            problem.GetProperty("prompt").GetString()! + problem.GetProperty("canonical_solution").GetString(),
            problem.GetProperty("test").GetString()!), 161, refused: []);

        Assert.Empty(failures);
    }

    [Fact]
    public async Task Solution_that_returns_nothing_fails_its_tests()
    {
        var problem = Problems("HumanEval.jsonl.gz").First();
        var result = await fixture.Executor.PythonAsync(
            problem.GetProperty("prompt").GetString() + "    return None\n", $"{problem.GetProperty("test").GetString()}\ncheck({problem.GetProperty("entry_point").GetString()})\n");

        Assert.Equal("test_failed", result.Detail?.Code);
    }

    private static List<JsonElement> Problems(string file)
    {
        using var stream = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Data", file)), CompressionMode.Decompress);
        using var reader = new StreamReader(stream);
        var problems = new List<JsonElement>();
        while (reader.ReadLine() is { } line)
        {
            problems.Add(JsonElement.Parse(line));
        }

        return problems;
    }

    private async Task<IReadOnlyCollection<string>> RunAllAsync(ICodeExecutor executor, string file, Func<JsonElement, RunRequest> request, int expected, string[] refused)
    {
        var problems = Problems(file).Where(problem => !Invalid.Contains(problem.GetProperty("task_id").GetString())).ToList();
        Assert.Equal(expected, problems.Count);
        var failures = new ConcurrentBag<string>();
        var outside = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            problems,
            new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken },
            async (problem, cancellationToken) =>
            {
                // A busy machine must not make a slow problem a wrong one.
                var patient = request(problem) with { Limits = new() { Time = TimeSpan.FromSeconds(30) } };
                var result = await executor.RunAsync(patient, cancellationToken);
                if (result.QueueReason == QueueReason.OutsideSubset)
                {
                    outside.Add(problem.GetProperty("task_id").GetString()!);
                    result = await fixture.IsolationOnly.RunAsync(patient, cancellationToken);
                }

                if (!result.Ok)
                {
                    failures.Add($"{problem.GetProperty("task_id").GetString()}: {result.Show()}");
                }
            });
        Assert.Equal(refused, outside);
        return failures;
    }
}
