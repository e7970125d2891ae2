using System.Text.Json;

namespace EdgeCoder.Training.Corpus;

/// <summary>
/// What the reference code answers for each template's inputs, computed by running it: Python in Python and JavaScript in Node.js.
/// Both languages must agree, so a slip in either reference is found here and not by a user.
/// </summary>
internal sealed class ReferenceResults
{
    private const string PythonDriver = """
        import json, sys
        out = []
        for job in json.load(sys.stdin):
            space = {}
            exec(job["Code"], space)
            out.append([json.dumps(space[job["Name"]](*json.loads(args))) for args in job["Inputs"]])
        json.dump(out, sys.stdout)
        """;

    private const string JavaScriptDriver = """
        const jobs = JSON.parse(require("fs").readFileSync(0, "utf8"));
        process.stdout.write(JSON.stringify(jobs.map((job) => {
          const f = new Function(job.Code + "; return " + job.Name)();
          return job.Inputs.map((args) => JSON.stringify(f(...JSON.parse(args))));
        })));
        """;

    private readonly Dictionary<(Problem, Language), IReadOnlyList<JsonElement>> _results = [];

    private ReferenceResults()
    {
    }

    /// <summary>The result for each of the problem's inputs.</summary>
    public IReadOnlyList<JsonElement> this[Problem problem, Language language] => _results[(problem, language)];

    /// <summary>Runs all reference code. Throws <see cref="InvalidOperationException"/> when the languages disagree about a result.</summary>
    public static ReferenceResults Compute(IReadOnlyList<Problem> problems)
    {
        var results = new ReferenceResults();
        results.Run(problems, Language.Python, PythonDriver);
        results.Run(problems, Language.JavaScript, JavaScriptDriver);
        foreach (var problem in problems)
        {
            var (python, javaScript) = (results[problem, Language.Python], results[problem, Language.JavaScript]);
            for (var i = 0; i < python.Count; i++)
            {
                if (!Literal.Same(python[i], javaScript[i]))
                {
                    throw new InvalidOperationException($"{problem.Template.Name}, k = {problem.Number}, input {problem.Template.Inputs[i]}: Python says {python[i]}, JavaScript says {javaScript[i]}.");
                }
            }
        }

        return results;
    }

    private void Run(IReadOnlyList<Problem> problems, Language language, string driver)
    {
        var jobs = problems.Select(problem => new
        {
            Name = problem.DefaultName(language),
            Code = problem.Code(language, problem.DefaultName(language)),
            Inputs = problem.Template.Inputs.Select(input => input.GetRawText()),
        });
        var answers = Interpreter.Run<object, string[][]>(language, driver, jobs);
        for (var i = 0; i < problems.Count; i++)
        {
            _results[(problems[i], language)] = [.. answers[i].Select(text => JsonDocument.Parse(text).RootElement)];
        }
    }
}
