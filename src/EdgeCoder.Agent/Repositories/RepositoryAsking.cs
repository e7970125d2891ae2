using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Repositories;

/// <summary>Calls of the model for one prompt of a person: within the window, each with a seed of its own, each in the record (agent-executor-models 1.4, 2.7).</summary>
internal sealed class RepositoryAsking(RepositoryMind mind, RepositorySteps steps, RepositoryProgress progress, long seed)
{
    /// <summary>Asks within the window: makes room at three quarters of it, and ends the prompt when it still does not fit (2.7).</summary>
    /// <param name="phase">What the call is for; goes into the record.</param>
    /// <param name="write">Writes the prompt, again after room was made.</param>
    /// <param name="form">How the model calls tools.</param>
    /// <param name="fresh">Whether another answer than the last one is wanted: a higher temperature.</param>
    /// <param name="room">Leaves something older out, told whether deeply; false when there is nothing left to leave out.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<(ModelReply Reply, Sampling Sampling)> AskAsync(
        string phase, Func<Prompt> write, CallForm form, bool fresh, Func<bool, CancellationToken, Task<bool>> room, CancellationToken cancellationToken)
    {
        var window = mind.Model.Window;
        var reserved = TokenRoom.Reserved(window);
        var asked = write();
        var tokens = await mind.Counts.OfAsync(asked, cancellationToken).ConfigureAwait(false);
        for (var deep = false; mind.Task.Compaction && tokens > window / 4 * 3; deep = true)
        {
            if (await room(deep, cancellationToken).ConfigureAwait(false))
            {
                asked = write();
                tokens = await mind.Counts.OfAsync(asked, cancellationToken).ConfigureAwait(false);
            }
            else if (deep)
            {
                break;
            }
        }

        var free = TokenRoom.ForAnswer(window, tokens);
        if (free < reserved / 2)
        {
            var failure = await TokenRoom.ExplainAsync(asked, tokens, mind.Model, cancellationToken).ConfigureAwait(false);
            throw new SessionEndException(SessionEnd.Stopped(failure.Code, failure.Message, failure.Hint, EscalationReason.ModelLimit));
        }

        var sampling = new Sampling(SeedOf(steps.Next), fresh ? 0.8f : 0.2f, Math.Min(free, 4 * reserved));
        var reply = await steps.AskAsync(asked, sampling, form, cancellationToken).ConfigureAwait(false);
        progress.Add(new IterationRecord
        {
            Iteration = progress.History.Count + 1,
            Phase = phase,
            PromptVersion = asked.Version,
            PromptHash = asked.Hash,
            Seed = sampling.Seed,
            Usage = new SessionUsage { PromptTokens = reply.PromptTokens, CompletionTokens = reply.CompletionTokens, ModelCalls = 1 },
        });
        return reply.Refused
            ? throw new SessionEndException(SessionEnd.Stopped(
                ModelFailure.OutsideDemonstration, "The demonstration model cannot work in repositories.", DemonstrationRefusal.Hint, EscalationReason.ModelLimit))
            : (reply, sampling);
    }

    /// <summary>Different for every step, the same on replay; 31 bits, because some providers take no more.</summary>
    private long SeedOf(int step) => (seed + (step * 2_654_435_761L)) & 0x7FFF_FFFF;
}
