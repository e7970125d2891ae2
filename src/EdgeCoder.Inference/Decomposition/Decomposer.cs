using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Inference.Metrics;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using EdgeCoder.Protocol.Decompositions;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Inference.Decomposition;

/// <summary>Makes a plan with the planner's model (agent-executor-models 5).</summary>
internal sealed class Decomposer(WarmModel models, InferenceMetrics metrics, TimeProvider time)
{
    private const int MostAsks = 2;

    /// <summary>
    /// A plan. What the model gives is used only when it keeps every rule; after one retry the prompt itself is the plan, and says so. Throws
    /// <see cref="ModelException"/> when there is no model to ask or it is gone: asking again later may help, a fallback would hide it.
    /// </summary>
    public async Task<DecomposeAnswer> DecomposeAsync(DecomposeRequest request, string language, CancellationToken cancellationToken)
    {
        var selected = await models.OpenAsync(new() { Role = ModelRole.Planner }, cancellationToken).ConfigureAwait(false);
        try
        {
            return await DecomposeAsync(AgentModels.Of(selected), request, language, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await models.ReturnAsync(selected).ConfigureAwait(false);
        }
    }

    private async Task<DecomposeAnswer> DecomposeAsync(AgentModel model, DecomposeRequest request, string language, CancellationToken cancellationToken)
    {
        if (model.IsDemonstration)
        {
            // It was trained on single functions; asking it would only cost time.
            return DecompositionPlan.Fallback(request, language, "demonstration_model_cannot_plan");
        }

        string? fault = null;
        for (var ask = 0; ask < MostAsks; ask++)
        {
            var prompt = DecompositionPrompt.Of(request, language, fault);
            var tokens = await TokenRoom.CountAsync(prompt, model, cancellationToken).ConfigureAwait(false);
            if (tokens + TokenRoom.Reserved(model.Window) > model.Window)
            {
                return DecompositionPlan.Fallback(request, language, ModelFailure.ContextLength);
            }

            metrics.DecomposeCalled();
            var reply = await AskAsync(model, prompt, new Sampling(ask + 1, ask == 0 ? 0.2f : 0.6f, TokenRoom.ForAnswer(model.Window, tokens)), cancellationToken).ConfigureAwait(false);
            var read = reply.End == ReplyEnd.Complete
                ? DecompositionReply.Read(reply.Text, request.Kind ?? SubtaskKind.MicroLoop, language)
                : new([], "Your last answer was cut before its end. Answer shorter: fewer parts, fewer words.");
            if (read.Fault is null && DecompositionPlan.Of(request, language, read.Parts) is { } plan)
            {
                return plan;
            }

            fault = read.Fault ?? "Your last answer has too many parts. Answer with at most nine.";
        }

        return DecompositionPlan.Fallback(request, language, "unusable_plan");
    }

    private async Task<ModelReply> AskAsync(AgentModel model, Prompt prompt, Sampling sampling, CancellationToken cancellationToken)
    {
        try
        {
            return await ModelCall.AskAsync(model, prompt, sampling, _ => { }, time, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelCallException fault)
        {
            throw new ModelException(fault.Failure.Code, fault.Failure.Message, fault.Failure.Hint, fault);
        }
    }
}
