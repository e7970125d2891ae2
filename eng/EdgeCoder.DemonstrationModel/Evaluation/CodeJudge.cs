using EdgeCoder.Training.Corpus;

namespace EdgeCoder.Training.Evaluation;

/// <summary>A program that should run through.</summary>
/// <param name="Language">Its language.</param>
/// <param name="Program">Function and asserts.</param>
internal sealed record JudgedProgram(Language Language, string Program);

/// <summary>
/// Runs programs and says which came through. They are the output of a model trained on this project's own harmless text, so the
/// interpreters run them without a sandbox; each program has two seconds.
/// </summary>
internal static class CodeJudge
{
    private const string PythonDriver = """
        import json, signal, sys
        def late(*_): raise TimeoutError()
        signal.signal(signal.SIGALRM, late)
        out = []
        for program in json.load(sys.stdin):
            try:
                signal.alarm(2)
                exec(program, {})
                out.append(True)
            except BaseException:
                out.append(False)
            finally:
                signal.alarm(0)
        json.dump(out, sys.stdout)
        """;

    private const string JavaScriptDriver = """
        const vm = require("vm");
        globalThis.require = require;
        const programs = JSON.parse(require("fs").readFileSync(0, "utf8"));
        process.stdout.write(JSON.stringify(programs.map((program) => {
          try {
            new vm.Script("(() => {" + program + "\n})()").runInThisContext({ timeout: 2000 });
            return true;
          } catch {
            return false;
          }
        })));
        """;

    /// <summary>Whether each program ran through, in their order.</summary>
    public static IReadOnlyList<bool> Run(IReadOnlyList<JudgedProgram> programs)
    {
        var passed = new bool[programs.Count];
        foreach (var language in (Language[])[Language.Python, Language.JavaScript])
        {
            var places = Enumerable.Range(0, programs.Count).Where(i => programs[i].Language == language).ToList();
            if (places.Count == 0)
            {
                continue;
            }

            var driver = language == Language.Python ? PythonDriver : JavaScriptDriver;
            var results = Interpreter.Run<IEnumerable<string>, bool[]>(language, driver, places.Select(i => programs[i].Program));
            for (var i = 0; i < places.Count; i++)
            {
                passed[places[i]] = results[i];
            }
        }

        return passed;
    }

    /// <summary>The text inside the answer's one fenced block; null when it has none or has text around it.</summary>
    public static string? Block(string answer, Language language)
    {
        var head = $"```{language.ToString().ToLowerInvariant()}\n";
        return answer.StartsWith(head, StringComparison.Ordinal) && answer.EndsWith("```", StringComparison.Ordinal) && answer.Length > head.Length + 3
            ? answer[head.Length..^3]
            : null;
    }
}
