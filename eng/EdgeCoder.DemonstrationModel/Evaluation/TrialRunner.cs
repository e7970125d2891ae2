using EdgeCoder.Inference.Demonstration;
using EdgeCoder.Training.Corpus;

namespace EdgeCoder.Training.Evaluation;

/// <summary>Asks a model for plan, tests and code of each trial and judges the answers.</summary>
internal sealed class TrialRunner(ModelUnderTest model, AnswerText answers, double threshold)
{
    private static readonly AnswerKind[] Kinds = [AnswerKind.Plan, AnswerKind.Tests, AnswerKind.Code];

    /// <summary>Runs all trials.</summary>
    public async Task<IReadOnlyList<TrialOutcome>> RunAsync(IReadOnlyList<Trial> trials, CancellationToken cancellationToken)
    {
        // 1. Ask.
        var lines = trials.SelectMany(trial => Kinds.Select(kind =>
            $"{kind.ToString().ToLowerInvariant()} {trial.Language.ToString().ToLowerInvariant()}: {trial.Request}")).ToList();
        var all = await model.AskAsync(lines, cancellationToken);

        // 2. Run three programs a trial: the code with reference asserts, with its own asserts, and its asserts against a function that raises.
        var programs = new List<JudgedProgram>();
        for (var i = 0; i < trials.Count; i++)
        {
            var trial = trials[i];
            var tests = CodeJudge.Block(all[(i * 3) + 1].Text, trial.Language) ?? Broken(trial.Language);
            var code = CodeJudge.Block(all[(i * 3) + 2].Text, trial.Language) ?? Broken(trial.Language);
            var reference = trial.Problem is null ? Broken(trial.Language) : answers.Tests(trial.Problem, trial.Language, trial.Name);
            programs.Add(new JudgedProgram(trial.Language, code + "\n" + reference));
            programs.Add(new JudgedProgram(trial.Language, code + "\n" + tests));
            programs.Add(new JudgedProgram(trial.Language, Raising(trial) + "\n" + tests));
        }

        var passed = CodeJudge.Run(programs);

        // 3. Judge.
        return
        [
            .. trials.Select((trial, i) => new TrialOutcome
            {
                Trial = trial,
                Answers = [all[i * 3], all[(i * 3) + 1], all[(i * 3) + 2]],
                CodeIsRight = passed[i * 3],
                OwnTestsPass = passed[(i * 3) + 1],
                TestsBite = !passed[(i * 3) + 2],
                Refusals = Enumerable.Range(i * 3, 3).Count(at => IsRefusal(all[at])),
            }),
        ];
    }

    /// <summary>Whether a caller sees the refusal: the model said it, or was not sure enough of anything else.</summary>
    public bool IsRefusal(Answer answer) => answer.Text == DemonstrationModel.Refusal || answer.WorstLogProbability < threshold;

    private static string Broken(Language language) => language == Language.Python ? "raise Exception()\n" : "throw new Error();\n";

    private static string Raising(Trial trial) => trial.Language == Language.Python
        ? $"def {trial.Name}(*args):\n    raise Exception()\n"
        : $"function {trial.Name}() {{ throw new Error(); }}\n";
}
