using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Feedback;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Agent.Replies;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Sources;
using EdgeCoder.Agent.Vacuity;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Snippets;

/// <summary>
/// The loop for a snippet.
/// <list type="number">
/// <item>Plan: one call.</item>
/// <item>Tests: the person's; else the model writes them without seeing code, and they must fail against a stub that always raises.</item>
/// <item>Code: one call; after a failure the last code and what was observed go with it.</item>
/// <item>Run in the executor.</item>
/// <item>Observe: success ends, a missing sandbox ends, everything else is fed back until a limit or a repetition ends it.</item>
/// </list>
/// Nothing here reads a clock or draws a number: given the same results of its steps the loop goes the same way, which is how a session resumes.
/// </summary>
internal sealed class SnippetLoop(
    SnippetTask task, AgentModel model, IPromptWriter prompts, SessionSteps steps, SessionEvents events, SessionMeter meter, SnippetProgress progress, long seed)
{
    /// <summary>Replies in a row that could not be read before the model is given up.</summary>
    private const int MostUnreadable = 3;

    /// <summary>Times the model is asked for tests until they are not vacuous.</summary>
    private const int MostVacuous = 3;

    /// <summary>Characters that a part of the feedback may take, tried from the largest until the prompt fits.</summary>
    private static readonly int[] FeedbackRooms = [2_000, 800, 300, 120];

    private readonly SnippetFiles _words = SnippetFiles.For(task);
    private readonly Repetition _repetition = new();
    private readonly Dictionary<string, RunResult> _runs = [];
    private bool _testsRevised;

    /// <summary>Runs to the end. Throws only <see cref="OperationCanceledException"/> and faults of the store.</summary>
    public async Task<SessionEnd> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PlanAsync(cancellationToken).ConfigureAwait(false);
            await TestsAsync(cancellationToken).ConfigureAwait(false);
            return await CodeUntilGreenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SessionEndException ended)
        {
            return ended.End with { Message = Complete(ended.End) };
        }
        catch (ModelCallException gone)
        {
            return SessionEnds.For(gone.Failure);
        }
    }

    // 1. Plan.
    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        Status(SessionState.Planning, "Planning");
        progress.Plan = await AskUntilReadableAsync(
            "plan",
            (fault, _) => prompts.Plan(fault),
            ReadPlan,
            fresh: false,
            cancellationToken).ConfigureAwait(false);
        progress.Amend(t => t with { Plan = progress.Plan });
        events.Emit(new PlanEvent { Steps = progress.Plan });
    }

    // 2. Tests.
    private async Task TestsAsync(CancellationToken cancellationToken)
    {
        if (task.TestFiles.Count > 0)
        {
            progress.TestsBy = "acceptance";
            UseTests(task.TestFiles);
            return;
        }

        Status(SessionState.WritingTests, "Writing tests first");
        progress.Tests = await WriteTestsAsync(null, cancellationToken).ConfigureAwait(false) ?? [];
        if (progress.Tests.Count == 0)
        {
            progress.WhyNoTests = $"The model wrote no tests that could prove anything in {MostVacuous} attempts, so nothing proves this code.";
            return;
        }

        progress.TestsBy = "model";
        UseTests(progress.Tests);
    }

    private void UseTests(IReadOnlyList<SnippetFile> files)
    {
        progress.Tests = files;
        var outlines = files.Select(Outline).ToList();
        progress.TestsKnown = new TestsSoFar([.. outlines.SelectMany(o => o.TestNames)], [.. outlines.SelectMany(o => o.Wanted).Distinct()]);
        foreach (var file in files)
        {
            events.Emit(new CodeEvent { Kind = CodeKind.Tests, Iteration = progress.Iterations, Language = _words.Tag, File = file.Name, Content = file.Text, By = progress.TestsBy! });
        }
    }

    /// <summary>Asks for tests until some are not vacuous; null when none were.</summary>
    private async Task<IReadOnlyList<SnippetFile>?> WriteTestsAsync(string? fault, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MostVacuous; attempt++)
        {
            var files = await AskUntilReadableAsync(
                "tests",
                (unreadable, _) => prompts.Tests(new(progress.Plan), unreadable ?? fault),
                ReadTests,
                fresh: attempt > 1 || fault is not null,
                cancellationToken).ConfigureAwait(false);
            progress.Amend(t => t with { Tests = SnippetProgress.TextOf(files) });

            var verdict = await CheckVacuityAsync(files, cancellationToken).ConfigureAwait(false);
            if (verdict.Accepted)
            {
                return files;
            }

            fault = verdict.Fault;
            progress.Amend(t => t with { Note = $"tests refused: {fault}" });
            Status(SessionState.WritingTests, "The tests prove nothing; asking for others");
        }

        return null;
    }

    private async Task<VacuityVerdict> CheckVacuityAsync(IReadOnlyList<SnippetFile> files, CancellationToken cancellationToken)
    {
        var wanted = files.Select(Outline).SelectMany(o => o.Wanted).Distinct().ToList();
        var stub = StubProgram.Write(task.Language, wanted);
        var run = await steps.RunAsync(new RunRequest { Language = task.Language, Files = [stub], Tests = files, Limits = task.Limits }, cancellationToken).ConfigureAwait(false);
        return VacuityVerdict.Of(run);
    }

    // 3 to 6. Code, run, observe, again.
    private async Task<SessionEnd> CodeUntilGreenAsync(CancellationToken cancellationToken)
    {
        FailedRun? failed = null;
        while (true)
        {
            var iteration = progress.Iterations + 1;
            Status(SessionState.Coding, iteration == 1 ? "Writing code" : $"Correcting the code, attempt {iteration} of {task.MaxIterations}");
            progress.Code = await AskForCodeAsync(failed, cancellationToken).ConfigureAwait(false);
            progress.Iterations = iteration;
            progress.Amend(t => t with { Code = progress.CodeText });
            foreach (var file in progress.Code)
            {
                events.Emit(new CodeEvent { Kind = CodeKind.Code, Iteration = iteration, Language = _words.Tag, File = file.Name, Content = file.Text, By = "model" });
            }

            var result = await RunCodeAsync(cancellationToken).ConfigureAwait(false);
            if (Ended(result) is { } end)
            {
                return end;
            }

            var observation = _repetition.Observe(result, progress.CodeText);
            if (observation.Escalate is { } reason)
            {
                throw new SessionEndException(SessionEnd.GivenUp(reason, GivenUpBecause(reason)));
            }

            if (iteration >= task.MaxIterations)
            {
                throw new SessionEndException(SessionEnd.GivenUp(EscalationReason.MaxIterationsExhausted, $"The code still fails after {iteration} attempt(s)."));
            }

            if (observation.Again && progress.TestsBy == "model" && !_testsRevised)
            {
                result = await ReviseTestsAsync(result, cancellationToken).ConfigureAwait(false);
                if (Ended(result) is { } revisedEnd)
                {
                    return revisedEnd;
                }
            }

            Status(SessionState.Observing, "Reading what went wrong");
            failed = new FailedRun(result, observation.Again);
        }
    }

    private SessionEnd? Ended(RunResult result)
    {
        if (SuccessRule.IsSuccess(result) && progress.Tests.Count > 0)
        {
            progress.Plan = [.. progress.Plan.Select(s => s with { Status = PlanStepStatus.Completed })];
            events.Emit(new PlanEvent { Steps = progress.Plan });
            return SessionEnd.Succeeded;
        }

        if (result is { QueueReason: QueueReason.SyntaxError or QueueReason.OutsideSubset, Detail: { File: { } file } detail } && progress.Tests.Any(t => t.Name == file))
        {
            // No code can pass them, so no further attempt is spent on it.
            return SessionEnd.Stopped(
                "tests_unusable",
                $"The tests cannot be run: {file}, line {detail.Line}: {detail.Message ?? detail.Construct}.",
                detail.Alternative is { } instead ? $"Use instead: {instead}." : $"Correct {file} and run the same command again.");
        }

        return progress.Tests.Count == 0 && result.Ok
            ? SessionEnd.Unverified($"{progress.WhyNoTests} It ran and ended with exit code 0, which proves little.")
            : null;
    }

    private Task<IReadOnlyList<SnippetFile>> AskForCodeAsync(FailedRun? failed, CancellationToken cancellationToken)
    {
        var plan = new PlanSoFar(progress.Plan);
        var attemptsLeft = task.MaxIterations - progress.Iterations;
        return AskUntilReadableAsync(
            failed is null ? "code" : "reflect",
            (fault, room) => failed is null
                ? prompts.Code(plan, progress.TestsKnown, fault)
                : prompts.Reflect(plan, progress.TestsKnown, new FailedTry(progress.CodeText, FeedbackOn(failed, room), attemptsLeft), fault),
            ReadCode,
            // The demonstration model cannot read feedback: the same line gives the same code unless it is drawn afresh.
            fresh: failed is { Again: true } || (model.IsDemonstration && failed is not null),
            cancellationToken);
    }

    private static (IReadOnlyList<PlanStep>?, string?) ReadPlan(string reply)
    {
        var plan = PlanReply.Read(reply);
        return plan.Count > 0 ? (plan, null) : (null, "Your answer held no plan. Answer with numbered lines, one step each.");
    }

    private (IReadOnlyList<SnippetFile>?, string?) ReadTests(string reply)
    {
        var read = CodeReply.ReadTests(reply, task.Language);
        return read.Files.Count > 0 ? (read.Files, null) : (null, read.Fault);
    }

    private (IReadOnlyList<SnippetFile>?, string?) ReadCode(string reply)
    {
        var read = CodeReply.ReadCode(reply, task.Language);
        if (read.Files.FirstOrDefault(f => progress.Tests.Any(t => string.Equals(t.Name, f.Name, StringComparison.OrdinalIgnoreCase))) is { } taken)
        {
            return (null, $"{taken.Name} holds the tests and may not be changed. Answer with the file {_words.CodeFile} only.");
        }

        return read.Files.Count > 0 ? ([read.Files[0] with { Name = _words.CodeFile }, .. read.Files.Skip(1).Where(f => f.Name != _words.CodeFile)], null) : (null, read.Fault);
    }

    private string FeedbackOn(FailedRun failed, int room)
    {
        var text = RunFeedback.Of(failed.Result, progress.Code, room);
        return failed.Again ? $"This was tried; it failed the same way. Take another approach.\n{text}" : text;
    }

    /// <summary>Runs the last code. The same code with the same tests is not run twice: the sandbox would say the same.</summary>
    private async Task<RunResult> RunCodeAsync(CancellationToken cancellationToken)
    {
        Status(SessionState.Testing, progress.Tests.Count > 0 ? "Running the tests in the sandbox" : "Running the code in the sandbox");
        var key = FailureSignature.OfCode(progress.CodeText + "\0" + SnippetProgress.TextOf(progress.Tests));
        if (!_runs.TryGetValue(key, out var result))
        {
            result = await steps.RunAsync(
                new RunRequest { Language = task.Language, Files = progress.Code, Tests = progress.Tests, Limits = task.Limits }, cancellationToken).ConfigureAwait(false);
            _runs[key] = result;
        }
        else
        {
            progress.Amend(t => t with { Note = "the same code as before; not run again" });
        }

        progress.LastRun = result;
        progress.Amend(t => t with { RunResult = result });
        events.Emit(new RunResultEvent { Iteration = progress.Iterations, Result = result });
        if (result.Tests is { } report)
        {
            events.Emit(new TestReportEvent { Iteration = progress.Iterations, Report = report });
        }

        return result;
    }

    /// <summary>
    /// Two different programs that fail the same test of the model's own may mean a wrong test. The model writes them anew once, without seeing the code,
    /// and the reason is recorded. The vacuity check holds for them too, and the last code is judged by them.
    /// </summary>
    private async Task<RunResult> ReviseTestsAsync(RunResult result, CancellationToken cancellationToken)
    {
        if (result.Tests is not { Failed: > 0 } report)
        {
            return result;
        }

        _testsRevised = true;
        var disputed = report.Cases.Where(c => c.Status == TestStatus.Failed).Take(3).Select(c => $"{c.Name}: expected {c.Expected ?? "?"}, two programs gave {c.Actual ?? c.Message ?? "?"}").ToList();
        var reason = $"Two attempts failed the same way. Check whether these expectations follow from the task, then write the complete tests again:\n{string.Join('\n', disputed)}";
        Status(SessionState.WritingTests, "Two programs failed the same test; asking for the tests again, once");
        if (await WriteTestsAsync(reason, cancellationToken).ConfigureAwait(false) is not { } revised)
        {
            return result;
        }

        progress.Amend(t => t with { Note = $"tests revised once: {string.Join("; ", disputed)}" });
        UseTests(revised);
        return await RunCodeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks until the reply can be read. What cannot be read costs a model call but no iteration; <see cref="MostUnreadable"/> in a row end the session.
    /// </summary>
    private async Task<T> AskUntilReadableAsync<T>(
        string phase, Func<string?, int, Prompt> write, Func<string, (T? Value, string? Fault)> read, bool fresh, CancellationToken cancellationToken)
        where T : class
    {
        string? fault = null;
        for (var attempt = 1; ; attempt++)
        {
            var (reply, sampling, prompt) = await AskAsync(room => write(fault, room), phase, fresh || attempt > 1, cancellationToken).ConfigureAwait(false);
            RefuseOutsideDemonstration(reply);
            (var value, fault) = reply.End switch
            {
                ReplyEnd.Length => (null, $"Your answer was cut off at {sampling.MaxTokens} tokens. Answer again, shorter: only what is asked for, no explanation."),
                ReplyEnd.Filtered => (null, "Your answer was withheld by the provider's content filter. Answer again with only what is asked for."),
                _ => read(ThinkingBlocks.Remove(reply.Text)),
            };
            progress.Add(new IterationRecord
            {
                Iteration = progress.Iterations + 1,
                Phase = phase,
                PromptVersion = prompt.Version,
                PromptHash = prompt.Hash,
                Seed = sampling.Seed,
                Usage = new SessionUsage { PromptTokens = reply.PromptTokens, CompletionTokens = reply.CompletionTokens, ModelCalls = 1 },
                Note = value is null ? $"no_{phase}: {fault}" : null,
            });
            if (value is not null)
            {
                return value;
            }

            if (attempt == MostUnreadable)
            {
                throw new SessionEndException(SessionEnd.GivenUp(EscalationReason.ModelLimit, $"The model gave no usable {phase} in {attempt} answers in a row: {fault}"));
            }
        }
    }

    private async Task<(ModelReply Reply, Sampling Sampling, Prompt Prompt)> AskAsync(Func<int, Prompt> write, string phase, bool fresh, CancellationToken cancellationToken)
    {
        var reserved = TokenRoom.Reserved(model.Window);
        foreach (var room in FeedbackRooms)
        {
            var prompt = write(room);
            var tokens = await TokenRoom.CountAsync(prompt, model, cancellationToken).ConfigureAwait(false);
            var free = TokenRoom.ForAnswer(model.Window, tokens);
            if (free >= Math.Min(reserved, 64) && tokens + reserved <= model.Window)
            {
                var most = Math.Min(free, phase == "plan" ? reserved : 4 * reserved);
                var sampling = new Sampling(SeedOf(steps.Next), Temperature(fresh), most);
                return (await steps.AskAsync(prompt, sampling, cancellationToken).ConfigureAwait(false), sampling, prompt);
            }

            if (room == FeedbackRooms[^1])
            {
                var failure = await TokenRoom.ExplainAsync(prompt, tokens, model, cancellationToken).ConfigureAwait(false);
                throw new SessionEndException(SessionEnd.Stopped(failure.Code, failure.Message, failure.Hint, EscalationReason.ModelLimit));
            }
        }

        throw new InvalidOperationException("No room for feedback was tried.");
    }

    private void RefuseOutsideDemonstration(ModelReply reply)
    {
        if (reply.Refused || (model.IsDemonstration && DemonstrationRefusal.IsSentence(reply.Text)))
        {
            throw new SessionEndException(SessionEnd.Stopped(
                ModelFailure.OutsideDemonstration,
                "This request is outside the demonstration model's range: it only knows a fixed set of small functions.",
                DemonstrationRefusal.Hint,
                EscalationReason.ModelLimit));
        }
    }

    /// <summary>A first try is nearly (demonstration: exactly) the model's best guess; a fresh one must be able to differ.</summary>
    private float Temperature(bool fresh) => (model.IsDemonstration, fresh) switch
    {
        (true, false) => 0f,
        (false, false) => 0.2f,
        _ => 0.8f,
    };

    /// <summary>Different for every step, the same on replay; 31 bits, because some providers take no more.</summary>
    private long SeedOf(int step) => (seed + (step * 2_654_435_761L)) & 0x7FFF_FFFF;

    private SourceOutline Outline(SnippetFile file) => SourceOutline.Read(task.Language, file.Text, _words.Module);

    private string GivenUpBecause(EscalationReason reason) => reason switch
    {
        EscalationReason.OutsideSubset => "The code was outside the accepted subset twice in a row.",
        EscalationReason.Timeout => "The code hit the time limit twice in a row.",
        EscalationReason.MemoryLimit => "The code hit the memory limit twice in a row.",
        EscalationReason.OutputLimit => "The code hit the output limit twice in a row.",
        _ => "The code failed the same way three times.",
    };

    /// <summary>The message of an end says what is left to do.</summary>
    private string? Complete(SessionEnd end)
    {
        if (end.ErrorCode is not null || progress.LastRun is not { } run)
        {
            return end.Message;
        }

        var bad = run.Tests?.Cases.Where(c => c.Status is TestStatus.Failed or TestStatus.Errored).Select(c => c.Name).ToList() ?? [];
        var left = bad.Count > 0
            ? $"Still failing: {string.Join(", ", bad.Take(5))}{(bad.Count > 5 ? $" and {bad.Count - 5} more" : "")}."
            : run.Ok ? "" : $"The last run ended with {run.QueueReason?.ToString() ?? "an error"}.";
        return $"{end.Message} {left}".TrimEnd();
    }

    private void Status(SessionState state, string message) =>
        events.Emit(new StatusEvent { State = state, Message = message, RanOn = new RanOn { Kind = "this-machine" }, BudgetLeft = meter.Left });

    /// <summary>A run that failed, and whether it failed like one before.</summary>
    private sealed record FailedRun(RunResult Result, bool Again);
}
