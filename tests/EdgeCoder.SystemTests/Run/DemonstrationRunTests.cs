using System.Globalization;
using System.Text.Json;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Run;

/// <summary>
/// The main job as it ships: real program, real model, real sandbox. The requests were written by hand; a test beside the trainer checks that
/// none of them occurs in training. The short form runs always; EDGECODER_DEMONSTRATION_REQUESTS makes it long (154 is all of them).
/// </summary>
public sealed class DemonstrationRunTests : IDisposable
{
    private static readonly int Requests = int.TryParse(Environment.GetEnvironmentVariable("EDGECODER_DEMONSTRATION_REQUESTS"), CultureInfo.InvariantCulture, out var requests) ? requests : 12;

    private readonly EdgeCoderRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task The_first_command_of_the_README_works_and_says_who_answered_and_where()
    {
        var result = await _run.ToEndAsync("run", "write a function that merges two dictionaries", "--model", "edgecoder-demo");
        Assert.True(result.ExitCode == 0, result.ToString());
        foreach (var part in (string[])["Plan", "Tests", "Code", "def merge_dicts(a, b):", "Result", "✓", "Succeeded 1 test passed", "Model   edgecoder-demo", "Ran on  this machine, sandbox: namespaces; nothing left it", "edgecoder models pull qwen2.5-coder:1.5b"])
        {
            Assert.Contains(part, result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Requests_that_were_not_in_training_end_with_tests_that_passed()
    {
        var all = Lines("in-range.txt").Select(line => line.Split('|', 2)[1].Trim()).ToArray();
        var chosen = Enumerable.Range(0, Requests).Select(index => all[index * all.Length / Requests]).ToArray();
        var failed = new List<string>();
        await Parallel.ForEachAsync(chosen, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken }, async (request, _) =>
        {
            var result = await _run.ToEndAsync("run", request, "--model", "edgecoder-demo", "--json");
            if (result.ExitCode != 0)
            {
                lock (failed)
                {
                    failed.Add($"{request}: {Done(result).Execution.OutcomeMessage}");
                }
            }
        });
        Assert.True(failed.Count * 12 <= chosen.Length, $"{failed.Count} of {chosen.Length} did not succeed:\n{string.Join('\n', failed)}");
    }

    [Fact]
    public async Task Requests_outside_its_range_are_refused_with_the_way_to_a_real_model()
    {
        var refused = 0;
        var chosen = Lines("out-of-range.txt").Where((_, index) => index % 30 == 0).ToArray();
        foreach (var request in chosen)
        {
            var result = await _run.ToEndAsync("run", request, "--model", "edgecoder-demo", "--json");
            if (result.ExitCode == 1 && result.Output.Contains("\"code\":\"outside_demonstration_range\"", StringComparison.Ordinal))
            {
                Assert.Contains("edgecoder models pull qwen2.5-coder:1.5b", result.Output, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.True(refused * 10 >= chosen.Length * 8, $"{refused} of {chosen.Length} were refused");
    }

    [Fact]
    public async Task JavaScript_is_answered_in_JavaScript()
    {
        var result = await _run.ToEndAsync("run", "reverse a string", "--lang", "js", "--model", "edgecoder-demo", "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("function", Done(result).Execution.GeneratedCode, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_file_with_one_byte_changed_is_not_used()
    {
        var shipped = Path.Combine(Path.GetDirectoryName(Repository.Executable)!, "models", "edgecoder-demo.gguf");
        var added = await _run.ToEndAsync("models", "add", "mine", shipped, "--json");
        Assert.True(added.ExitCode == 0, added.ToString());
        var stored = Directory.EnumerateFiles(_run.DataDirectory, "*", SearchOption.AllDirectories).Single(path => new FileInfo(path).Length == new FileInfo(shipped).Length);
        var bytes = await File.ReadAllBytesAsync(stored, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        File.SetUnixFileMode(stored, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllBytesAsync(stored, bytes, TestContext.Current.CancellationToken);

        var result = await _run.ToEndAsync("run", "reverse a string", "--json");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("checksum_mismatch", result.Output, StringComparison.Ordinal);
    }

    private static DoneEvent Done(ProgramResult result) =>
        (DoneEvent)JsonSerializer.Deserialize(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], ProtocolJson.Default.SessionEvent)!;

    private static string[] Lines(string file) =>
        [.. File.ReadLines(Path.Combine(Repository.Root, "eng", "EdgeCoder.DemonstrationModel", "Evaluation", file)).Where(line => line.Length > 0 && line[0] != '#')];
}
