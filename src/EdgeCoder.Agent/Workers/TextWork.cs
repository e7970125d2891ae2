using System.Security.Cryptography;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Agent.Replies;

namespace EdgeCoder.Agent.Workers;

/// <summary>One answer of the model; nothing is run (agent-executor-models 1.2: such results are labelled unverified).</summary>
internal sealed class TextWork(TimeProvider time)
{
    private const int Version = 1;
    private const float Temperature = 0.2f;

    /// <summary>Works.</summary>
    public async Task<WorkOutcome> RunAsync(WorkOrder order, WorkerModel model, Action<WorkStep> progress, CancellationToken cancellationToken)
    {
        var agent = model.Agent;
        var prompt = new Prompt("single_step", Version, [], [new PromptPart("task", order.Subtask.Input)]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(Math.Max(1, order.Subtask.AttemptTimeoutMs)), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // Refused before it is sent, never cut.
            var tokens = await TokenRoom.CountAsync(prompt, agent, either.Token).ConfigureAwait(false);
            var room = TokenRoom.ForAnswer(agent.Window, tokens);
            if (room < TokenRoom.Reserved(agent.Window) || order.Subtask.Limits?.MaxTokens is { } most && most <= tokens)
            {
                return Failed(model, "The request does not fit the window of the model, or the limit of tokens.", "model_limit");
            }

            var answer = order.Subtask.Limits?.MaxTokens is { } all ? (int)Math.Min(room, all - tokens) : room;
            progress(new(1, "waiting_model"));
            var reply = await ModelCall.AskAsync(agent, prompt, new(RandomNumberGenerator.GetInt32(int.MaxValue), Temperature, answer), static _ => { }, time, either.Token).ConfigureAwait(false);
            if (reply.Refused || reply.End != ReplyEnd.Complete)
            {
                return Failed(model, reply.Refused ? "The model refused." : "The answer did not come to its end.", "model_limit");
            }

            var text = ThinkingBlocks.Remove(reply.Text).Trim();
            return text.Length == 0
                ? Failed(model, "The model gave no answer.", "model_limit")
                : new WorkOutcome.Done { Ok = true, Output = text, Logs = AttemptLog.Write(null, []), Model = Claim(model) };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(model, "The time of the attempt is used up.", "timeout");
        }
        catch (ModelCallException fault)
        {
            return fault.Failure.Code is "model_unavailable" or "no_model_available" ? new WorkOutcome.GivenBack(ReleaseReasons.Model) : Failed(model, fault.Message, "model_unavailable");
        }
    }

    private static Protocol.Results.ModelClaim Claim(WorkerModel model) => new(model.Agent.Identity.Id, model.Agent.Identity.Digest);

    private static WorkOutcome.Done Failed(WorkerModel model, string error, string reason) =>
        new() { Ok = false, Error = error, EscalationReason = reason, Logs = AttemptLog.Write(null, []), Model = Claim(model) };
}
