using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeCoder.Evaluation;
using EdgeCoder.Inputs;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder eval humaneval</c>: how good is a model at this job, on this machine?</summary>
internal static class EvalCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var language = new Option<string?>("--lang", "-l") { Description = $"Language: {LanguageName.Accepted}. Default python." };
        var model = new Option<string?>("--model", "-m") { Description = "Exact id of the model; see edgecoder models list." };
        var limit = new Option<int?>("--limit") { Description = "Only the first problems of the set." };
        var attempts = new Option<int>("--attempts") { Description = "Attempts with feedback for each problem. 1 gives the usual pass@1.", DefaultValueFactory = _ => 1 };
        var output = new Option<string?>("--out", "-o") { Description = "Where the JSON report goes." };
        var force = new Option<bool>("--force") { Description = "Let --out replace a file." };
        var dataClass = new Option<string>("--data-class") { Description = "local (this machine only) or team (models that you labelled team).", DefaultValueFactory = _ => "local" };
        dataClass.AcceptOnlyFromAmong("local", "team");
        var humanEval = new Command("humaneval", "HumanEval (164 Python problems) or the JavaScript part of HumanEval-X (161).") { language, model, limit, attempts, output, force, dataClass };
        humanEval.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                if (arguments.GetValue(limit) is <= 0 || arguments.GetValue(attempts) is < 1 or > 100)
                {
                    throw new UsageException("invalid_option", "--limit must be at least 1 and --attempts 1 to 100.");
                }

                var place = arguments.GetValue(output) is { } path ? OutputFile.Prepare(path, arguments.GetValue(force)) : null;
                var spoken = LanguageName.Decide(arguments.GetValue(language) ?? "python", null, "");
                using var progress = surroundings.Progress(arguments.GetValue(json));
                await using var job = await LocalJob.OpenAsync(surroundings, arguments.GetValue(model), arguments.GetValue(dataClass)!, progress, cancellation);
                var problems = HumanEvalSet.Load(spoken).Take(arguments.GetValue(limit) ?? int.MaxValue).ToList();
                var report = await new HumanEvalRun(job.Agent, job.Model, surroundings.Time).RunAsync(
                    spoken, problems, arguments.GetValue(attempts), arguments.GetValue(dataClass)!, new Counter(progress, problems.Count), cancellation);
                progress.Clear();
                var text = JsonSerializer.Serialize(report, EvaluationJson.Default.EvaluationReport);
                place?.Write(text + "\n");
                if (arguments.GetValue(json))
                {
                    surroundings.Output.WriteLine(text);
                }
                else
                {
                    surroundings.Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{report.Model.Id}: pass@1 {report.PassRate:P1} ({report.Passed} of {report.Total} {report.Language} problems), median {report.MedianMs} ms, 95th percentile {report.P95Ms} ms"));
                    if (place is not null)
                    {
                        surroundings.Console.WriteLine($"Wrote {SafeText.ForTerminal(arguments.GetValue(output)!)}.");
                    }
                }

                return ExitCode.Success;
            },
            cancellationToken));
        return new("eval", "Measure a model with published problems.") { humanEval };
    }

    /// <summary>Counts problems for the person who waits.</summary>
    private sealed class Counter(ProgressLine line, int total) : IProgress<ProblemResult>
    {
        private int _done;
        private int _passed;

        public void Report(ProblemResult value)
        {
            _done++;
            _passed += value.Passed ? 1 : 0;
            line.Show(string.Create(CultureInfo.InvariantCulture, $"{value.TaskId} {(value.Passed ? "passed" : "failed")}; {_passed} of {_done} so far, {total - _done} to go"));
        }
    }
}
