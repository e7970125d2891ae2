using System.Diagnostics;
using System.Text.Json;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Run;

/// <summary><c>edgecoder exec</c> as people and scripts call it: real processes, real sandbox.</summary>
public sealed class ExecTests : IDisposable
{
    private readonly EdgeCoderRun _run = new();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("a.py", "import sys\nprint('out', input())\nprint('err', file=sys.stderr)\nsys.exit(7)\n", 7)]
    [InlineData("a.js", "console.log('out', require('fs').readFileSync(0, 'utf8').trim()); console.error('err'); process.exitCode = 7;\n", 7)]
    public async Task A_program_gets_our_input_and_gives_its_output_and_exit_code(string name, string program, int exitCode)
    {
        var result = await _run.WithInputAsync("line\n", "exec", _run.Write(name, program));
        Assert.True(result.ExitCode == exitCode, result.ToString());
        Assert.Equal("out line\n", result.Output);
        Assert.StartsWith("err\nruntime_error · ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Error);
    }

    [Theory]
    [InlineData("ok", 0, "print('a\\x1b[31m')")]
    [InlineData("timeout_wall", 124, "while True: pass", "--time", "300ms")]
    [InlineData("memory_limit", 137, "x = b'x' * (1 << 30)", "--memory", "64MiB")]
    [InlineData("output_limit", 137, "print('x' * 100000)", "--output", "1KiB")]
    [InlineData("output_limit", 137, "while True: print('x' * 1000)")]
    [InlineData("outside_subset", 4, "import socket")]
    [InlineData("syntax_error", 1, "print(")]
    [InlineData("runtime_error", 1, "raise ValueError('no')")]
    [InlineData("exited_early", 1, "import os\nos._exit(0)\nprint()")]
    public async Task Each_end_has_its_reason_and_exit_code(string reason, int exitCode, string program, params string[] options)
    {
        var result = await _run.WithInputAsync(program, ["exec", "-", "--lang", "py", .. options]);
        Assert.True(result.ExitCode == exitCode, result.ToString());
        Assert.Contains($"\n{reason} · ", "\n" + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_that_goes_to_a_file_is_the_programs_own() =>
        Assert.Equal("\u001b[31mred\r\n", (await _run.WithInputAsync("print('\\x1b[31mred', end='\\r\\n')", "exec", "-", "-l", "py")).Output);

    [Fact]
    public async Task Json_is_the_result_and_nothing_else()
    {
        var result = await _run.WithInputAsync("print('x'); x = 1 / 0", "exec", "-", "--lang", "py", "--json");
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        var json = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal(("x\n", "runtime_error"), (json.GetProperty("stdout").GetString(), json.GetProperty("queueReason").GetString()));
        Assert.Equal(1, json.GetProperty("detail").GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task Tests_decide_and_show_what_was_wanted()
    {
        var solution = _run.Write("solution.py", "def add(a, b):\n    return a - b\n");
        var right = _run.Write("test_right.py", "def test_zero():\n    assert add(0, 0) == 0\n");
        var wrong = _run.Write("test_wrong.py", "def test_sum():\n    assert add(1, 2) == 3\n");
        Assert.Equal(0, (await _run.ToEndAsync("exec", solution, "--tests", right)).ExitCode);
        var result = await _run.ToEndAsync("exec", solution, "--tests", right, "--tests", wrong);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("test_failed · 1 of 2 tests passed, 1 failed", result.Error, StringComparison.Ordinal);
        Assert.Contains("✗ test_sum: expected 3, got -1", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_beside_the_first_are_there()
    {
        _run.Write("helper.py", "def twice(x): return 2 * x\n");
        _run.Write("data/n.json", "21");
        var main = _run.Write("main.py", "import json\nfrom helper import twice\nprint(twice(json.load(open('data/n.json'))), input())\n");
        var result = await _run.ToEndAsync("exec", main, Path.Combine(_run.Directory, "helper.py"), Path.Combine(_run.Directory, "data/n.json"), "--stdin", _run.Write("in.txt", "given"));
        Assert.True(result is { ExitCode: 0, Output: "42 given\n" }, result.ToString());
    }

    [Theory]
    [InlineData("empty_code", "", "--lang", "py")]
    [InlineData("source_nul", "print(1)\0", "--lang", "py")]
    [InlineData("language_needed", "print(1)")]
    [InlineData("unknown_language", "print(1)", "--lang", "cobol")]
    [InlineData("invalid_limit", "print(1)", "--lang", "py", "--time", "0")]
    [InlineData("invalid_limit", "print(1)", "--lang", "py", "--memory", "999999999GiB")]
    [InlineData("invalid_limit", "print(1)", "--lang", "py", "--output", "0")]
    [InlineData("invalid_limit", "print(1)", "--lang", "py", "--time", "soon")]
    [InlineData("stdin_missing", "print(1)", "--lang", "py", "--stdin", "none.txt")]
    [InlineData("tests_missing", "print(1)", "--lang", "py", "--tests", "none.py")]
    [InlineData("usage", "print(1)", "--lang", "py", "--nonsense")]
    public async Task Input_that_cannot_be_used_has_its_code(string code, string program, params string[] options)
    {
        var result = await _run.WithInputAsync(program, ["exec", "-", "--json", .. options]);
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.Equal(code, JsonDocument.Parse(result.Output).RootElement.GetProperty("code").GetString());
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task Ten_megabytes_and_bytes_that_are_no_text_are_refused()
    {
        var large = await _run.WithInputAsync(new string('#', 10 << 20), "exec", "-", "--lang", "py", "--json");
        File.WriteAllBytes(Path.Combine(_run.Directory, "latin.py"), [.. "x = '"u8, 0xe9, .. "'"u8]);
        var latin = await _run.ToEndAsync("exec", "latin.py", "--json");
        Assert.Equal((2, 2), (large.ExitCode, latin.ExitCode));
        Assert.Contains("source_too_large", large.Output, StringComparison.Ordinal);
        Assert.Contains("source_not_utf8", latin.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker", 125, "sandbox_unavailable")]
    [InlineData("none", 4, "policy_denied")]
    public async Task Without_a_sandbox_nothing_runs(string mode, int exitCode, string reason)
    {
        _run.Environment["SANDBOX_MODE"] = mode;
        var result = await _run.WithInputAsync("print('it ran')", "exec", "-", "--lang", "py");
        Assert.True(result.ExitCode == exitCode, result.ToString());
        Assert.Equal("", result.Output);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_it_ends_the_program_and_says_so()
    {
        var arguments = new[] { "exec", _run.Write("a.py", "while True: pass\n"), "--time", "2m" };
        await _run.ToEndAsync("exec", _run.Write("first.py", "pass\n"));
        using var process = _run.Start(arguments);
        process.StandardInput.Close();
        // The sandboxed interpreter is a grandchild: it is there when a child of ours has one.
        while (!HasGrandchild(process.Id))
        {
            Assert.False(process.HasExited);
            await Task.Yield();
        }

        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("Cancelled", await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static bool HasGrandchild(int pid) => Children(pid).Any(child => Children(child).Any());

    private static IEnumerable<int> Children(int pid)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{pid}/task")
                .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return []; // gone meanwhile
        }
    }
}
