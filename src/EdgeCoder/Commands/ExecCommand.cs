using System.CommandLine;
using System.Text.Json;
using EdgeCoder.Executor;
using EdgeCoder.Inputs;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Terminal;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder exec file.py</c>: one program in the sandbox, with its output, its reason and its exit code.</summary>
internal static class ExecCommand
{
    /// <summary>Most bytes of what the program may read.</summary>
    public const int MaxStdinBytes = 16 << 20;

    private const string Help = """
        Run a Python or JavaScript program in the sandbox, without a model.

        Exit code: 0 ok; the program's own code (1-125) when it failed by itself; 124 time limit; 137 memory or output limit;
        129-192 ended by a signal; 1 syntax error; 2 wrong command line or input; 4 refused by the subset or by policy; 125 no sandbox; 130 Ctrl-C.
        A program can choose these codes too: the reason on standard error or in --json decides. All reasons: docs/exec.md.
        """;

    private static readonly TimeSpan StdinPatience = TimeSpan.FromSeconds(1);

    /// <summary>The command with its options.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var files = new Argument<string[]>("files") { Description = "The program: the first file runs, the others lie beside it; - reads the program from standard input.", Arity = ArgumentArity.OneOrMore };
        // Else a mistyped option would be a file that is not there.
        files.Validators.Add(given =>
        {
            if (given.Tokens.FirstOrDefault(token => token.Value is ['-', _, ..]) is { } odd)
            {
                given.AddError($"Unrecognized option '{odd.Value}'. A file of that name: ./{odd.Value}");
            }
        });
        var language = new Option<string?>("--lang", "-l") { Description = $"Language: {LanguageName.Accepted}. Default: by the first file's extension." };
        var tests = new Option<string[]>("--tests", "-t") { Description = "A file with tests of the program, which then decide; may be given several times." };
        var stdin = new Option<string?>("--stdin") { Description = "A file that the program may read as its standard input. Default: our own when it is redirected." };
        var time = new Option<string?>("--time") { Description = $"Most wall and processor time, for instance 4s ({LimitText.TimeUnits}). Default 4s." };
        var memory = new Option<string?>("--memory") { Description = $"Most memory, for instance 256MiB ({LimitText.SizeUnits}). Default 256MiB." };
        var output = new Option<string?>("--output") { Description = "Most bytes kept of each output stream. Default 64KiB." };
        var command = new Command("exec", Help) { files, language, tests, stdin, time, memory, output };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var limits = new RequestedLimits
                {
                    Time = LimitText.Time(arguments.GetValue(time), "--time"),
                    MemoryBytes = LimitText.Size(arguments.GetValue(memory), "--memory"),
                    OutputBytes = LimitText.Size(arguments.GetValue(output), "--output"),
                };
                var paths = arguments.GetValue(files)!;
                var program = await ProgramFiles.ReadAsync(paths, arguments.GetValue(language), surroundings.Input, surroundings.Time, cancellation);
                var request = new RunRequest
                {
                    Language = program.Language,
                    Files = program.Files,
                    Tests = await TestsAsync(program, arguments.GetValue(tests) ?? [], surroundings.Time, cancellation),
                    Limits = limits.Fault(program.Language) is { } fault ? throw new UsageException("invalid_limit", char.ToUpperInvariant(fault[0]) + fault[1..] + ".") : limits,
                    Stdin = await StdinAsync(surroundings, paths, arguments.GetValue(stdin), cancellation),
                };
                return await RunAsync(surroundings, request, arguments.GetValue(json), cancellation);
            },
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Surroundings surroundings, RunRequest request, bool json, CancellationToken cancellationToken)
    {
        RunResult result;
        using (var progress = surroundings.Progress(json || !surroundings.Interactive))
        {
            progress.Show("running");
            await using var executor = CodeExecutor.Create(ExecutorParts.Options(surroundings, surroundings.Directories()) with { Warm = false });
            result = await executor.RunAsync(request, cancellationToken);
            progress.Clear();
        }

        if (json)
        {
            surroundings.Output.WriteLine(JsonSerializer.Serialize(result, ProtocolJson.Default.RunResult));
        }
        else
        {
            Show(surroundings, result);
        }

        return ExecExitCode.Of(result);
    }

    // Redirected output is the program's own to the last character. A terminal obeys control characters, and the program may be a stranger's.
    private static void Show(Surroundings surroundings, RunResult result)
    {
        surroundings.Output.Write(surroundings.Terminals.Output ? SafeText.ForTerminal(result.Stdout) : result.Stdout);
        surroundings.Output.Flush();
        surroundings.Error.Write(surroundings.Terminals.Error ? SafeText.ForTerminal(result.Stderr) : result.Stderr);
        if (result.Stderr.Length > 0 && result.Stderr[^1] != '\n')
        {
            surroundings.Error.WriteLine();
        }

        surroundings.Error.Flush();
        RunStatusView.Show(surroundings.ErrorConsole, result);
    }

    private static async Task<IReadOnlyList<SnippetFile>> TestsAsync(ProgramFiles program, IReadOnlyList<string> paths, TimeProvider time, CancellationToken cancellationToken)
    {
        var tests = new List<SnippetFile>();
        foreach (var path in paths)
        {
            if (LanguageName.OfExtension(path) is { } other && other != program.Language)
            {
                throw new UsageException("language_mismatch", $"The tests file {path} is in another language than the program.");
            }

            var name = ProgramFiles.PlainName(path);
            if (program.Files.Concat(tests).Any(file => file.Name == name))
            {
                throw new UsageException("duplicate_file", $"Two files would have the name {name}.", "Rename one.");
            }

            var text = await new BoundedText("tests", $"The tests file {path}", TestsFile.MaxBytes).ReadFileAsync(path, time, cancellationToken);
            tests.Add(string.IsNullOrWhiteSpace(text) ? throw new UsageException("empty_tests", $"The tests file {path} is empty, so nothing could prove the code.") : new(name, text));
        }

        return tests;
    }

    private static async Task<string?> StdinAsync(Surroundings surroundings, IReadOnlyList<string> paths, string? file, CancellationToken cancellationToken)
    {
        if (file is not null)
        {
            return await new BoundedText("stdin", $"The file {file}", MaxStdinBytes).ReadFileAsync(file, surroundings.Time, cancellationToken);
        }

        if (ProgramFiles.ComesFromInput(paths) || !surroundings.InputRedirected)
        {
            return null;
        }

        // A caller that leaves a pipe open makes this wait; it should not do so without a word.
        await using var notice = surroundings.Time.CreateTimer(
            _ => surroundings.Error.WriteLine("edgecoder: waiting for standard input to end; without any: </dev/null"), null, StdinPatience, Timeout.InfiniteTimeSpan);
        return await new BoundedText("stdin", "Standard input", MaxStdinBytes).ReadAsync(surroundings.Input(), cancellationToken);
    }
}
