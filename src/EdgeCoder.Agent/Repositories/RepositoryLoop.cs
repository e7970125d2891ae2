using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Contexts;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Agent.Replies;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Repositories;

/// <summary>
/// The loop for one prompt in a repository (agent-executor-models 1.3).
/// <list type="number">
/// <item>Look: the repository map for the request, the project's rules, the state of the tree.</item>
/// <item>Plan: one call.</item>
/// <item>Edit with tools; the project's tests run once before the first change.</item>
/// <item>A final statement after a change: the tests run on what is there now.</item>
/// <item>Observe: failures are fed back; success, a limit, a repetition or the budget ends it.</item>
/// </list>
/// Nothing here reads a clock, a file or a random number: given the same results of its steps the loop goes the same way, which is how a session resumes.
/// </summary>
internal sealed class RepositoryLoop(RepositoryMind mind, RepositorySteps steps, EventFeed events, SessionMeter meter, RepositoryProgress progress, PromptRecord prompt, long seed)
{
    /// <summary>Replies in a row that could not be used before the model is held to a simpler form, or given up at the last one (2.4).</summary>
    private const int MostUnreadable = 3;

    private const string RunTests = "run_tests";

    private readonly CallRepetition _repetition = new();
    private readonly RepositoryAsking _asking = new(mind, steps, progress, seed);
    private string _startTree = "";
    private string _tree = "";
    private int _unreadable;
    private int _plansOnly;
    private bool _fresh;
    private string? _unproven;

    /// <summary>Runs to the end. Throws only <see cref="OperationCanceledException"/> and faults of the store.</summary>
    public async Task<SessionEnd> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(cancellationToken).ConfigureAwait(false);
            await PlanAsync(cancellationToken).ConfigureAwait(false);
            await mind.OfferAsync(cancellationToken).ConfigureAwait(false);
            return await WorkAsync(cancellationToken).ConfigureAwait(false);
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

    // 1. Look.
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        Status(SessionState.Planning, "Reading the repository");
        _startTree = _tree = (await steps.SaveAsync($"prompt {prompt.Number}", cancellationToken).ConfigureAwait(false)).Tree;
        var room = Math.Min(2_048, mind.Model.Window * 15 / 100);
        var (dataClass, map) = Parted(await steps.LookAsync($"map {prompt.Number}", token => MapAsync(room, token), cancellationToken).ConfigureAwait(false));
        progress.DataClass = mind.DataClass = dataClass;
        if (mind.RulesSought.Add(""))
        {
            var rules = await steps.LookAsync("rules", _ => Task.FromResult(mind.Site.ReadRules(ProjectRules.FileName, ProjectRules.MostBytes) ?? ""), cancellationToken).ConfigureAwait(false);
            await TellNotesAsync(cancellationToken).ConfigureAwait(false);
            mind.Conversation.AddRules(rules.Length > 0 ? [new RulesFile(ProjectRules.FileName, rules)] : []);
        }

        mind.Conversation.Plan = "";
        mind.Conversation.Add(new PromptTurn(prompt.Text, map));
    }

    /// <summary>The class that the map brings with it, and the map. One that the model may not see is left out.</summary>
    private async Task<string> MapAsync(int room, CancellationToken cancellationToken)
    {
        var (text, paths) = await mind.Site.MapAsync(prompt.Text, room, cancellationToken).ConfigureAwait(false);
        var narrowed = mind.Desk.Policy.Narrowed(mind.DataClass, paths);
        return DataClasses.MayLeave(narrowed) || mind.Model.OnThisMachine ? $"{narrowed}\n{text}" : $"{mind.DataClass}\n";
    }

    private static (string DataClass, string Map) Parted(string text) => text.IndexOf('\n') is var end && end < 0 ? (text, "") : (text[..end], text[(end + 1)..]);

    /// <summary>What a person should know of the worktree: submodules that were left alone, filters that did not run.</summary>
    private async Task TellNotesAsync(CancellationToken cancellationToken)
    {
        var notes = await steps.LookAsync("notes", _ => Task.FromResult(string.Join('\n', mind.Site.Workspace.Notes)), cancellationToken).ConfigureAwait(false);
        foreach (var note in notes.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Status(SessionState.Planning, note);
        }
    }

    // 2. Plan. A model that cannot plan may still be able to work.
    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        Status(SessionState.Planning, "Planning");
        string? fault = null;
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            var (reply, _) = await AskAsync("plan", () => mind.Prompts.Plan(mind.Conversation, fault), CallForm.Text, attempt > 1, cancellationToken).ConfigureAwait(false);
            var plan = reply.End == ReplyEnd.Complete ? PlanReply.Read(ThinkingBlocks.Remove(reply.Text)) : [];
            if (plan.Count > 0)
            {
                UsePlan(plan);
                return;
            }

            fault = "Your answer held no plan. Answer with numbered lines, one step each.";
        }

        UsePlan([new PlanStep { Index = 1, Description = prompt.Text.ReplaceLineEndings(" ") is { Length: > 200 } text ? text[..200] + "…" : prompt.Text.ReplaceLineEndings(" "), Status = PlanStepStatus.Pending }]);
    }

    private void UsePlan(IReadOnlyList<PlanStep> plan)
    {
        progress.Plan = [.. plan.Select((s, i) => i == 0 && s.Status == PlanStepStatus.Pending ? s with { Status = PlanStepStatus.InProgress } : s)];
        mind.Conversation.Plan = string.Join('\n', plan.Select(s => $"{s.Index}. {s.Description}"));
        progress.Amend(t => t with { Plan = progress.Plan });
        events.Emit(new PlanEvent { Steps = progress.Plan });
    }

    // 3 to 5. Ask, do, observe, until it ends.
    private async Task<SessionEnd> WorkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Status(SessionState.Coding, "Working");
            var (reply, sampling) = await AskAsync("step", () => mind.Prompts.Step(mind.Conversation, mind.Form), mind.Form, _fresh, cancellationToken).ConfigureAwait(false);
            _fresh = false;
            if (reply.ToolsRefused && CallForms.Simpler(mind.Form, mind.Model) is { } simpler)
            {
                mind.Form = simpler;
                Status(SessionState.Coding, $"The model's server takes no tools; going on with the form {simpler.ToString().ToLowerInvariant()}");
                continue;
            }

            var reading = ReplyReading.Of(reply, mind.Form);
            if (Unusable(reply, reading, sampling) is { } fault)
            {
                Unreadable(fault);
                continue;
            }

            if (reading.Plan is { } plan)
            {
                UsePlan(plan);
            }

            if (reading.Calls.Count > 0)
            {
                await CallAsync(reading, cancellationToken).ConfigureAwait(false);
            }
            else if (reading.Statement.Length == 0)
            {
                PlanOnly();
            }
            else if (await FinishAsync(reading.Statement, cancellationToken).ConfigureAwait(false) is { } end)
            {
                return end;
            }
        }
    }

    /// <summary>What is wrong with the reply as a whole. One that was cut is never done in part (L4).</summary>
    private static string? Unusable(ModelReply reply, ReplyReading reading, Sampling sampling) => reply.End switch
    {
        ReplyEnd.Length => $"Your answer was cut off at {sampling.MaxTokens} tokens, so nothing of it was done. Answer again, shorter: one small tool call at a time.",
        ReplyEnd.Filtered => "Your answer was withheld by the provider's content filter, so nothing of it was done. Answer again.",
        _ => reading.IsEmpty ? "Your answer was empty. Answer with a tool call, or with a final statement when all is done." : null,
    };

    private void Unreadable(string fault)
    {
        progress.Amend(t => t with { Note = fault });
        mind.Conversation.Add(new NoteTurn("correction", fault));
        CountUnreadable(fault);
    }

    private void CountUnreadable(string fault)
    {
        _fresh = true;
        if (++_unreadable < MostUnreadable)
        {
            return;
        }

        _unreadable = 0;
        mind.Form = CallForms.Simpler(mind.Form, mind.Model)
            ?? throw new SessionEndException(SessionEnd.GivenUp(EscalationReason.ModelLimit, $"The model gave no usable answer {MostUnreadable} times in a row: {fault}"));
        Status(SessionState.Coding, $"The model's tool calls could not be read; going on with the simpler form {mind.Form.ToString().ToLowerInvariant()}");
    }

    private void PlanOnly()
    {
        if (++_plansOnly >= MostUnreadable)
        {
            _plansOnly = 0;
            Unreadable("You planned several times and did nothing. Use a tool now.");
            return;
        }

        mind.Conversation.Add(new NoteTurn("correction", "The plan is noted. Go on with its first open step."));
    }

    private async Task CallAsync(ReplyReading reading, CancellationToken cancellationToken)
    {
        _plansOnly = 0;
        var made = reading.Calls.Select((c, i) => new MadeCall($"s{steps.Next}_{i + 1}", c)).ToList();
        mind.Conversation.Add(new ReplyTurn(reading.Statement, made));
        var faulty = new List<string>();
        foreach (var (id, call) in made)
        {
            var check = mind.Tools.Check(call);
            if (check.Fault is { } fault)
            {
                // Back to the model, before anybody is asked anything (2.4, R8).
                faulty.Add(fault);
                await ResultAsync(id, call.Tool.Length == 0 ? "call" : call.Tool, fault, cancellationToken).ConfigureAwait(false);
                continue;
            }

            await DoAsync(id, check, cancellationToken).ConfigureAwait(false);
        }

        if (faulty.Count < made.Count)
        {
            _unreadable = 0;
            return;
        }

        progress.Amend(t => t with { Note = faulty[^1] });
        CountUnreadable(faulty[^1]);
    }

    private async Task DoAsync(string id, CheckedCall check, CancellationToken cancellationToken)
    {
        var tool = check.Tool!;
        if (tool.Changes && tool.Name != RunTests)
        {
            await BaselineAsync(cancellationToken).ConfigureAwait(false);
        }

        var outcome = await ToolAsync(id, tool, check.Arguments, cancellationToken).ConfigureAwait(false);
        var text = outcome.Text;
        var times = _repetition.Call(tool.Name, check.Arguments.Canonical(), text, _tree);
        if (tool.Name == RunTests && !HasArguments(check.Arguments))
        {
            Tested(outcome);
        }

        if (times > 1)
        {
            _fresh = true;
            text = $"{text}\n(This was tried before and gave the same. Do something else.)";
        }

        await ResultAsync(id, tool.Name, text, cancellationToken).ConfigureAwait(false);
        if (times >= CallRepetition.Most)
        {
            throw new SessionEndException(SessionEnd.GivenUp(EscalationReason.NoProgress, $"The model asked {times} times for the same call of {tool.Name}, with the same result each time."));
        }
    }

    private async Task<ToolOutcome> ToolAsync(string id, ITool tool, System.Text.Json.JsonElement arguments, CancellationToken cancellationToken)
    {
        if (tool.Access == ToolAccess.Execute)
        {
            Status(SessionState.Testing, tool.Name == RunTests ? "Running the project's tests" : "Running a command");
        }

        var outcome = await steps.ToolAsync(
            new ToolOrder(id, tool, arguments, mind.DataClass, TakesBack: tool.Name == RunTests, o => ProjectRules.Complete(o, arguments, mind)), cancellationToken).ConfigureAwait(false);
        ProjectRules.Sought(outcome, arguments, mind);
        mind.Conversation.AddRules(outcome.Rules);
        _tree = outcome.Saved?.Tree ?? _tree;
        progress.Sandbox = outcome.Sandbox ?? progress.Sandbox;
        progress.DataClass = mind.DataClass = outcome.DataClass ?? mind.DataClass;
        return DataClasses.MayLeave(mind.DataClass) || mind.Model.OnThisMachine
            ? outcome
            : throw new SessionEndException(SessionEnd.Stopped(
                "data_class_denied",
                $"What was read made the work local, so it may not leave this machine, but {mind.Model.Identity.Id} ({mind.Model.Identity.Provider}) runs elsewhere. Nothing of it was sent.",
                "Start the request again with a model on this machine."));
    }

    private async Task ResultAsync(string id, string tool, string text, CancellationToken cancellationToken)
    {
        var handle = mind.Outputs.Keep(text);
        mind.Conversation.Add(new ResultTurn(id, tool, await EntryCap.CutAsync(text, handle, mind.Model.Window, mind.Counts, cancellationToken).ConfigureAwait(false), handle));
    }

    /// <summary>The tests before the first change: what fails then was there already (2.8).</summary>
    private async Task BaselineAsync(CancellationToken cancellationToken)
    {
        if (mind.BaselineTried)
        {
            return;
        }

        Status(SessionState.Testing, "Running the tests before the first change");
        await TestAsync("baseline", cancellationToken).ConfigureAwait(false);
        mind.BaselineTried = true;
    }

    private async Task<ToolOutcome?> TestAsync(string id, CancellationToken cancellationToken)
    {
        if (mind.Tools.Find(RunTests) is not { } tool)
        {
            mind.WhyNoTests = "There is no way to run tests here.";
            return null;
        }

        using var none = System.Text.Json.JsonDocument.Parse("{}");
        var outcome = await ToolAsync(id, tool, none.RootElement.Clone(), cancellationToken).ConfigureAwait(false);
        Tested(outcome);
        return outcome;
    }

    /// <summary>Takes a run of all tests into account.</summary>
    private void Tested(ToolOutcome outcome)
    {
        progress.TestRuns++;
        if (outcome.Tests is not { } report)
        {
            mind.WhyNoTests = outcome.Text;
            return;
        }

        mind.WhyNoTests = null;
        if (!mind.BaselineTried && _tree == mind.Site.Workspace.Base.Tree)
        {
            mind.Baseline = report;
            mind.BaselineTried = true;
        }

        (mind.TestedTree, mind.TestedReport) = (_tree, report);
        progress.LastReport = report;
        mind.Conversation.OpenFailures = report.IsPass ? "" : outcome.Text;
    }

    // 4. The model says that it is done.
    private async Task<SessionEnd?> FinishAsync(string statement, CancellationToken cancellationToken)
    {
        _plansOnly = _unreadable = 0;
        mind.Conversation.Add(new ReplyTurn(statement, []));
        _tree = (await steps.SaveAsync($"final {steps.Next}", cancellationToken).ConfigureAwait(false)).Tree;
        if (_tree == _startTree)
        {
            CompletePlan();
            return SessionEnd.Unverified("Nothing was changed, so there was nothing to test.");
        }

        if (await ProtectedAsync(cancellationToken).ConfigureAwait(false) is { } touched)
        {
            return Again("protected files", $"{touched} changed, but may not. Put it back as it was; the change does not count before.", _repetition.Call("protected", touched, _tree, null), $"The protected file {touched} stays changed.");
        }

        var outcome = mind.TestedTree == _tree ? null : await TestAsync($"verify.s{steps.Next}", cancellationToken).ConfigureAwait(false);
        if (mind.TestedTree != _tree || mind.TestedReport is not { } report)
        {
            CompletePlan();
            return SessionEnd.Unverified($"The change is not tested: {mind.WhyNoTests}");
        }

        Status(SessionState.Observing, "Reading the test report");
        var verdict = TestVerdict.Of(mind.Baseline, report, prompt.Text, allCount: mind.Task.TestCommand is not null);
        if (verdict.Unproven && _unproven != _tree)
        {
            _unproven = _tree;
            mind.Conversation.Add(new NoteTurn(
                "unproven change",
                $"{verdict.Reason} If the request asks for what they test, mend the code. If it does not, add a test that proves your change. If neither can be done, repeat your final statement.\n"
                + $"Test run (data):\n{await CappedAsync(outcome?.Text ?? mind.Conversation.OpenFailures, cancellationToken).ConfigureAwait(false)}"));
            return null;
        }

        if (!verdict.Retry)
        {
            CompletePlan();
            return verdict.Success
                ? SessionEnd.Succeeded with { Message = verdict.StillFailing.Count > 0 ? verdict.Reason : null }
                : SessionEnd.Unverified(verdict.Reason);
        }

        var said = outcome?.Text ?? mind.Conversation.OpenFailures;
        mind.Conversation.OpenFailures = said;
        return Again(
            "test failures",
            $"You said that all is done, but the tests say otherwise. {verdict.Reason} Find the cause and mend the code, not the tests.\nTest run (data):\n{await CappedAsync(said, cancellationToken).ConfigureAwait(false)}",
            _repetition.Failure(report),
            "The tests failed the same way three times.");
    }

    /// <summary>Feeds something back, unless it was fed back as often as makes sense.</summary>
    private SessionEnd? Again(string name, string text, int times, string givenUp)
    {
        if (times >= CallRepetition.Most)
        {
            throw new SessionEndException(SessionEnd.GivenUp(EscalationReason.NoProgress, givenUp));
        }

        _fresh = times > 1;
        mind.Conversation.Add(new NoteTurn(name, times > 1 ? $"This was tried; it failed the same way. Take another approach.\n{text}" : text));
        return null;
    }

    private async Task<string?> ProtectedAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> globs = [.. mind.Task.Protected, .. mind.Desk.Policy.Protected];
        mind.Conversation.ChangeSummary = await ChangesAsync(cancellationToken).ConfigureAwait(false);
        var paths = mind.Conversation.ChangeSummary.Split('\n').SelectMany(l => l.Split('\t').Skip(1));
        return paths.FirstOrDefault(p => globs.Any(g => PathGlob.Matches(g, p)));
    }

    /// <summary>The files changed since the base: kind, path and, of a renamed one, where it was.</summary>
    private Task<string> ChangesAsync(CancellationToken cancellationToken) => steps.LookAsync(
        $"changes {_tree}",
        async token => string.Join('\n', (await mind.Site.Workspace.ChangesAsync(mind.Site.Workspace.Base.Tree, _tree, token).ConfigureAwait(false))
            .Select(c => $"{c.Kind.ToString().ToLowerInvariant()}\t{c.Path}{(c.OldPath is null ? "" : $"\t{c.OldPath}")}")),
        cancellationToken);

    private async Task<string> CappedAsync(string text, CancellationToken cancellationToken) =>
        await EntryCap.CutAsync(text, mind.Outputs.Keep(text), mind.Model.Window, mind.Counts, cancellationToken).ConfigureAwait(false);

    private void CompletePlan()
    {
        progress.Plan = [.. progress.Plan.Select(s => s with { Status = PlanStepStatus.Completed })];
        events.Emit(new PlanEvent { Steps = progress.Plan });
    }

    private Task<(ModelReply Reply, Sampling Sampling)> AskAsync(string phase, Func<Prompt> write, CallForm form, bool fresh, CancellationToken cancellationToken) =>
        _asking.AskAsync(phase, write, form, fresh, RoomAsync, cancellationToken);

    /// <summary>Leaves older output out; what changed so far is told in its place. False when there is nothing left to leave out.</summary>
    private async Task<bool> RoomAsync(bool deep, CancellationToken cancellationToken)
    {
        if (_tree != mind.Site.Workspace.Base.Tree)
        {
            mind.Conversation.ChangeSummary = await ChangesAsync(cancellationToken).ConfigureAwait(false);
        }

        if (!mind.Conversation.Compact(deep))
        {
            return false;
        }

        Status(SessionState.Observing, "Older output was left out to save room");
        return true;
    }

    private static bool HasArguments(System.Text.Json.JsonElement arguments) =>
        arguments.EnumerateObject().Any(a => a.Value.ValueKind is not (System.Text.Json.JsonValueKind.Null) && a.Value.ToString() is not ("" or "[]"));

    /// <summary>The message of an end says what is left to do.</summary>
    private string? Complete(SessionEnd end)
    {
        if (end.ErrorCode is not null)
        {
            return end.Message;
        }

        var failing = progress.LastReport?.Cases.Where(c => c.Status is TestStatus.Failed or TestStatus.Errored).Select(c => c.Name).ToList() ?? [];
        var left = new List<string?> { end.Message };
        if (failing.Count > 0)
        {
            left.Add($"Still failing: {string.Join(", ", failing.Take(5))}{(failing.Count > 5 ? $" and {failing.Count - 5} more" : "")}.");
        }

        if (_tree != _startTree && mind.TestedTree != _tree)
        {
            left.Add("The last change is not tested.");
        }

        return string.Join(' ', left.OfType<string>());
    }

    private void Status(SessionState state, string message) =>
        events.Emit(new StatusEvent { State = state, Message = message, RanOn = new RanOn { Kind = "this-machine" }, BudgetLeft = meter.Left });
}
