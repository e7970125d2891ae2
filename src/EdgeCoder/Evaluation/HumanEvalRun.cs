using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Evaluation;

/// <summary>
/// Asks the loop, with the set's own tests as acceptance tests, problem after problem: what is measured is what a person would get.
/// A model that goes away ends the evaluation; a problem that it cannot do is a problem not passed.
/// </summary>
internal sealed class HumanEvalRun(SnippetAgent agent, AgentModel model, TimeProvider time)
{
    // Fixed, so that two evaluations of one model agree as far as its server allows.
    private const long Seed = 1;

    /// <summary>Runs the problems in order.</summary>
    public async Task<EvaluationReport> RunAsync(
        SnippetLanguage language, IReadOnlyList<HumanEvalProblem> problems, int attempts, string dataClass, IProgress<ProblemResult> progress, CancellationToken cancellationToken)
    {
        var startedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var results = new List<ProblemResult>(problems.Count);
        foreach (var problem in problems)
        {
            var result = await SolveAsync(language, problem, attempts, dataClass, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            results.Add(result);
            progress.Report(result);
        }

        return EvaluationReport.Of(language == SnippetLanguage.Python ? "python" : "javascript", model.Identity, attempts, startedAtMs, results);
    }

    private async Task<ProblemResult> SolveAsync(SnippetLanguage language, HumanEvalProblem problem, int attempts, string dataClass, CancellationToken cancellationToken)
    {
        var task = new SnippetTask
        {
            Request = problem.Request(language),
            Language = language,
            TestFiles = [problem.TestFile(language)],
            MaxIterations = attempts,
            Seed = Seed,
            DataClass = dataClass,
            // Some canonical solutions take more than the default; the set states no limit.
            Limits = new RequestedLimits { Time = TimeSpan.FromSeconds(20) },
        };
        AgentExecution? execution = null;
        await foreach (var sessionEvent in agent.RunAsync(task, model, cancellationToken))
        {
            execution = (sessionEvent as DoneEvent)?.Execution;
        }

        if (execution is null)
        {
            throw new InvalidOperationException("the session ended without its last event");
        }

        if (execution.EscalationReason == EscalationReason.ModelUnavailable)
        {
            throw new Inference.Providers.ModelException("model_unavailable", execution.OutcomeMessage ?? "The model went away.", "Start its server again, then run the evaluation again.");
        }

        return new()
        {
            TaskId = problem.TaskId,
            Passed = execution.Outcome == SessionOutcome.Succeeded,
            Outcome = execution.Outcome,
            Reason = execution.OutcomeMessage,
            Attempts = execution.Iterations,
            WallMs = execution.Usage.WallMs,
            Tokens = execution.Usage.PromptTokens + execution.Usage.CompletionTokens,
        };
    }
}
