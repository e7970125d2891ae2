using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests;

/// <summary>One program for each reason code, with its exit code and whether escalation is proposed.</summary>
public sealed class ReasonTests(ExecutorFixture fixture)
{
    [Theory]
    [InlineData("def f(:\n", QueueReason.SyntaxError, "syntax_error", 1, false)]
    [InlineData("x = 1\n\0", QueueReason.SyntaxError, "syntax_error", 1, false)]
    [InlineData("return 1", QueueReason.SyntaxError, "syntax_error", 1, false)]
    [InlineData("import socket", QueueReason.OutsideSubset, "outside_subset", 1, true)]
    [InlineData("1 / 0", QueueReason.RuntimeError, "runtime_error", 1, false)]
    [InlineData("import sys\nsys.exit(7)", QueueReason.RuntimeError, "runtime_error", 7, false)]
    [InlineData("import sys\nsys.exit('message')", QueueReason.RuntimeError, "runtime_error", 1, false)]
    [InlineData("x = [0] * (1 << 27)\nx = x + x", QueueReason.MemoryLimit, "memory_limit", 137, true)]
    [InlineData("b'x' * (1 << 40)", QueueReason.MemoryLimit, "memory_limit", 137, true)]
    [InlineData("while True: print('x' * 1000)", QueueReason.OutputLimit, "output_limit", 137, false)]
    [InlineData("import os\nos.abort()", QueueReason.RuntimeError, "crashed", 139, false)]
    [InlineData("import os\nos._exit(0)", QueueReason.RuntimeError, "exited_early", 1, false)]
    [InlineData("import os\nos._exit(5)", QueueReason.RuntimeError, "runtime_error", 5, false)]
    [InlineData("open('/usr/lib/x', 'w')", QueueReason.RuntimeError, "denied_file", 1, false)]
    [InlineData("open('f', 'wb').write(b'x' * (20 << 20))", QueueReason.RuntimeError, "file_size", 1, false)]
    [InlineData("def f(): f()\nf()", QueueReason.RuntimeError, "runtime_error", 1, false)]
    public async Task Python_reason(string program, QueueReason reason, string code, int exitCode, bool queue) =>
        AssertReason(await fixture.Executor.PythonAsync(program), reason, code, exitCode, queue);

    [Theory]
    [InlineData("function (", QueueReason.SyntaxError, "syntax_error", 1, false)]
    [InlineData("let a; let a", QueueReason.SyntaxError, "syntax_error", 1, false)]
    [InlineData("require('net')", QueueReason.OutsideSubset, "outside_subset", 1, true)]
    [InlineData("null.x", QueueReason.RuntimeError, "runtime_error", 1, false)]
    [InlineData("throw 7", QueueReason.RuntimeError, "runtime_error", 1, false)]
    [InlineData("Promise.reject(new Error('x'))", QueueReason.RuntimeError, "runtime_error", 1, false)]
    [InlineData("process.exit(7)", QueueReason.RuntimeError, "runtime_error", 7, false)]
    [InlineData("process.exitCode = 3", QueueReason.RuntimeError, "runtime_error", 3, false)]
    [InlineData("await new Promise(() => {})", QueueReason.RuntimeError, "exited_early", 1, false)]
    [InlineData("const a = []; for (;;) a.push(new Array(1000).fill(7))", QueueReason.MemoryLimit, "memory_limit", 137, true)]
    [InlineData("const a = []; for (;;) a.push(Buffer.alloc(1 << 24, 1))", QueueReason.MemoryLimit, "memory_limit", 137, true)]
    [InlineData("for (;;) console.log('x'.repeat(1000))", QueueReason.OutputLimit, "output_limit", 137, false)]
    [InlineData("process.exit(0); console.log(1)", QueueReason.RuntimeError, "exited_early", 1, false)]
    [InlineData("require('fs').writeFileSync('/usr/lib/x', 'x')", QueueReason.RuntimeError, "denied_file", 1, false)]
    public async Task JavaScript_reason(string program, QueueReason reason, string code, int exitCode, bool queue) =>
        AssertReason(await fixture.Executor.JavaScriptAsync(program, limits: new() { Time = TimeSpan.FromSeconds(20) }), reason, code, exitCode, queue);

    [Theory]
    [InlineData(SnippetLanguage.Python, "while True: pass")]
    [InlineData(SnippetLanguage.Python, "import time\ntime.sleep(100)")]
    [InlineData(SnippetLanguage.Python, "import time\nfor i in range(100):\n    try:\n        time.sleep(100)\n    except BaseException: pass")]
    [InlineData(SnippetLanguage.JavaScript, "for (;;);")]
    [InlineData(SnippetLanguage.JavaScript, "setInterval(() => {}, 10)")]
    [InlineData(SnippetLanguage.JavaScript, "const f = () => setTimeout(f, 0); f()")]
    [InlineData(SnippetLanguage.JavaScript, "(async () => { for (;;) await null })()")]
    public async Task Endless_program_times_out(SnippetLanguage language, string program)
    {
        var limits = new RequestedLimits { Time = TimeSpan.FromMilliseconds(300) };
        var result = language == SnippetLanguage.Python ? await fixture.Executor.PythonAsync(program, limits: limits) : await fixture.Executor.JavaScriptAsync(program, limits: limits);

        // Work in WebAssembly is measured in instructions, waiting in time everywhere.
        var hit = result.Limits.Hit!;
        Assert.Contains(hit, result.Sandbox!.Backend == "wasm" ? ["wall", "fuel"] : (string[])["wall"]);
        AssertReason(result, QueueReason.Timeout, "timeout_" + hit, 124, queue: true);
        Assert.EndsWith($"Execution timed out ({hit} limit 300 ms)\n", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_busy_threads_reach_the_cpu_limit_or_the_wall()
    {
        // hashlib leaves the interpreter lock, so threads really run side by side.
        var result = await fixture.Executor.PythonAsync(
            "import hashlib, threading\ndef f():\n    while True: hashlib.pbkdf2_hmac('sha256', b'x', b'y', 100000)\nfor _ in range(8): threading.Thread(target=f).start()", limits: new() { Time = TimeSpan.FromSeconds(1) });

        Assert.Equal(QueueReason.Timeout, result.QueueReason);
    }

    [Fact]
    public async Task Output_beyond_the_limit_keeps_head_and_tail_and_counts_the_rest()
    {
        var result = await fixture.Executor.PythonAsync("print('first')\nfor i in range(20000): print('line', i)\nprint('last')");

        Assert.Equal(QueueReason.OutputLimit, result.QueueReason);
        Assert.StartsWith("first\n", result.Stdout, StringComparison.Ordinal);
        Assert.EndsWith("last\n", result.Stdout, StringComparison.Ordinal);
        Assert.Contains($"[… {result.Truncated!.StdoutBytes} bytes dropped …]", result.Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_s_output_is_whole_although_the_program_exits_at_once()
    {
        var result = await fixture.Executor.JavaScriptAsync("for (let i = 0; i < 30000; i++) console.log('line', i)\nprocess.exit(0)", limits: new() { OutputBytes = 1 << 20 });

        Assert.True(result.Ok, result.Detail?.Code);
        Assert.EndsWith("line 29999\n", result.Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_line_of_ten_mebibytes_is_cut()
    {
        var result = await fixture.Executor.PythonAsync("print('x' * (10 << 20))");

        Assert.Equal("output_limit", result.Detail?.Code);
        Assert.True(result.Stdout.Length < 70_000);
    }

    [Fact]
    public async Task Runtime_error_names_the_line()
    {
        var result = await fixture.Executor.PythonAsync("def f():\n    return missing\n\nf()\n");

        Assert.Equal(("solution.py", (int?)2), (result.Detail!.File, result.Detail.Line));
        Assert.Contains("NameError", result.Detail.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("/edgecoder/", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Javascript_error_names_the_line()
    {
        var result = await fixture.Executor.JavaScriptAsync("function f() {\n  return missing\n}\nf()\n");

        Assert.Equal(("solution.js", (int?)2), (result.Detail!.File, result.Detail.Line));
        Assert.DoesNotContain("/edgecoder/", result.Stderr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SnippetLanguage.Python, "x = (1,\ny = 2\n")]
    [InlineData(SnippetLanguage.JavaScript, "let x = (1,\nlet y = 2\n")]
    public async Task Syntax_error_has_its_place(SnippetLanguage language, string program)
    {
        var result = language == SnippetLanguage.Python ? await fixture.Executor.PythonAsync(program) : await fixture.Executor.JavaScriptAsync(program);

        Assert.StartsWith("syntax_error: ", result.Stderr, StringComparison.Ordinal);
        Assert.True(result.Detail!.Line is 1 or 2);
        Assert.True(result.Detail.Column >= 1);
    }

    [Theory]
    [InlineData(20, 10, 60)]
    [InlineData(150, 150, 200)]
    public async Task Used_memory_is_the_program_s_own(int mebibytes, int least, int most)
    {
        var result = await fixture.Executor.PythonAsync($"x = b'x' * ({mebibytes} << 20)\nsum(range(3000000))");

        Assert.InRange(result.Limits.UsedMemoryBytes!.Value >> 20, least, most);
        Assert.True(result.Limits.UsedCpuMs > 0);
    }

    private static void AssertReason(RunResult result, QueueReason reason, string code, int exitCode, bool queue)
    {
        Assert.False(result.Ok, result.Show());
        Assert.True((reason, code, exitCode, queue) == (result.QueueReason, result.Detail?.Code, result.ExitCode, result.QueueForCloud), result.Show());
    }
}
