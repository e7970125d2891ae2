using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Feedback;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Agent.Replies;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Executor;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Inference.Escalation;

/// <summary>Asks the coder's model for working code (agent-executor-models 5). What it gives is a candidate: the coordinator verifies it.</summary>
internal sealed class Escalator(WarmModel models, ICodeExecutor executor, TimeProvider time)
{
    private const int MostAsks = 2;
    private const int LittleRoom = 1_000;
    private static readonly int[] Rooms = [8_000, LittleRoom];

    /// <summary>
    /// Code with its explanation, run when there are tests; the answer of the second ask also when its tests fail, because the caller's check decides.
    /// Throws <see cref="ModelException"/> when nothing came of it.
    /// </summary>
    public async Task<InferenceEscalationAnswer> EscalateAsync(InferenceEscalation request, SnippetLanguage language, CancellationToken cancellationToken)
    {
        var selected = await models.OpenAsync(new() { Role = ModelRole.Coder }, cancellationToken).ConfigureAwait(false);
        try
        {
            return await EscalateAsync(AgentModels.Of(selected), request, language, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await models.ReturnAsync(selected).ConfigureAwait(false);
        }
    }

    private async Task<InferenceEscalationAnswer> EscalateAsync(AgentModel model, InferenceEscalation request, SnippetLanguage language, CancellationToken cancellationToken)
    {
        InferenceEscalationAnswer? best = null;
        FailedTry? failed = null;
        string? fault = null;
        for (var ask = 0; ask < MostAsks; ask++)
        {
            // 1. Ask. A reply that was cut is never used.
            var reply = await AskAsync(model, request, language, failed, fault, ask, cancellationToken).ConfigureAwait(false);
            if (reply.Refused || (model.IsDemonstration && DemonstrationRefusal.IsSentence(ThinkingBlocks.Remove(reply.Text))))
            {
                throw new ModelException(ModelFailure.OutsideDemonstration, "the demonstration model does not know this kind of task", DemonstrationRefusal.Hint);
            }

            var read = reply.End == ReplyEnd.Complete
                ? CodeReply.ReadCode(ThinkingBlocks.Remove(reply.Text), language)
                : new([], "Your answer was cut before its end. Answer shorter: the code and one sentence.");
            if (read.Fault is not null)
            {
                fault = read.Fault;
                continue;
            }

            // 2. Run, when there is something to run it with.
            var run = string.IsNullOrWhiteSpace(request.Tests) ? null : await RunAsync(read.Files, request.Tests, language, cancellationToken).ConfigureAwait(false);
            best = new() { ImprovedCode = SnippetProgress.TextOf(read.Files), Explanation = ReplyExplanation.Of(reply.Text), Model = model.Identity.Id, RunResult = run };
            if (run is null || SuccessRule.IsSuccess(run) || run.QueueReason is QueueReason.SandboxUnavailable or QueueReason.PolicyDenied)
            {
                return best;
            }

            // 3. Tell what was seen, once.
            fault = null;
            failed = new(best.ImprovedCode, RunFeedback.Of(run, read.Files, LittleRoom), MostAsks - ask - 1);
        }

        return best ?? throw new ModelException("unparsable_answer", "the model gave no code that could be read");
    }

    private async Task<ModelReply> AskAsync(
        AgentModel model, InferenceEscalation request, SnippetLanguage language, FailedTry? failed, string? fault, int ask, CancellationToken cancellationToken)
    {
        var (prompt, tokens) = await FitAsync(model, request, language, failed, fault, cancellationToken).ConfigureAwait(false);
        try
        {
            var sampling = new Sampling(ask + 1, ask == 0 ? 0.2f : 0.6f, TokenRoom.ForAnswer(model.Window, tokens));
            return await ModelCall.AskAsync(model, prompt, sampling, _ => { }, time, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelCallException gone)
        {
            throw new ModelException(gone.Failure.Code, gone.Failure.Message, gone.Failure.Hint, gone);
        }
    }

    // The history gives way first; a task that does not fit by itself is refused, never cut.
    private static async Task<(Prompt Prompt, int Tokens)> FitAsync(
        AgentModel model, InferenceEscalation request, SnippetLanguage language, FailedTry? failed, string? fault, CancellationToken cancellationToken)
    {
        if (model.IsDemonstration)
        {
            var line = new DemonstrationPrompts(new SnippetTask { Request = request.Task!, Language = language }).Code(new([]), TestsSoFar.None, fault);
            return (line, await TokenRoom.CountAsync(line, model, cancellationToken).ConfigureAwait(false));
        }

        foreach (var room in Rooms)
        {
            var prompt = EscalationPrompt.Of(request, language, failed, fault, room);
            var tokens = await TokenRoom.CountAsync(prompt, model, cancellationToken).ConfigureAwait(false);
            if (tokens + TokenRoom.Reserved(model.Window) <= model.Window)
            {
                return (prompt, tokens);
            }
        }

        throw new ModelException(ModelFailure.ContextLength, $"the task does not fit the window of {model.Identity.Id}, {model.Window} tokens");
    }

    private Task<RunResult> RunAsync(IReadOnlyList<SnippetFile> files, string tests, SnippetLanguage language, CancellationToken cancellationToken)
    {
        var test = new SnippetFile(SnippetFiles.For(language).TestsFile, tests);
        var words = SnippetFiles.For(new SnippetTask { Request = "", Language = language, TestFiles = [test] });
        IReadOnlyList<SnippetFile> named = [files[0] with { Name = words.CodeFile }, .. files.Skip(1)];
        return executor.RunAsync(new() { Language = language, Files = named, Tests = [test] }, cancellationToken);
    }
}
