using System.Security.Cryptography;
using System.Text.Json;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Approvals;

/// <summary>
/// Brings one call to a decision: policy first, then the person. What the person says holds for exactly the action that was shown, once, for five minutes
/// (agent-executor-models 2.5, R7). Every decision that is not the mode's own is told and journaled.
/// </summary>
internal sealed class ApprovalDesk(PolicyStore store, IApprover approver, SessionJournal journal, TimeProvider time, IReadOnlyList<string> protectedFiles)
{
    /// <summary>How long a question stands.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const int MostChanges = 3;

    private readonly List<PolicyRule> _sessionRules = [.. journal.Decisions.Select(d => d.SessionRule).OfType<string>().Select(r => JsonSerializer.Deserialize(r, PolicyJson.Default.PolicyRule)!)];
    private Policy? _policy;

    /// <summary>What the person may do without being asked; changes hold from the next call on.</summary>
    public ApprovalMode Mode { get; set; } = journal.Begin.Repository!.Mode;

    /// <summary>The policy now. Throws when a file of it cannot be used.</summary>
    public Policy Policy => _policy ??= store.Load(_sessionRules, protectedFiles);

    /// <summary>
    /// Decides. <paramref name="describe"/> is asked again after the person has answered: an action that is another one by then needs another answer.
    /// </summary>
    public async Task<ApprovalVerdict> DecideAsync(
        string callId, Func<ToolAction> describe, string dataClass, Action<SessionEvent> tell, Action<TimeSpan> waited, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MostChanges; attempt++)
        {
            var action = describe();
            var verdict = Policy.Judge(action, Mode, dataClass);
            if (verdict.Effect != RuleEffect.Ask)
            {
                if (verdict.Rule is not null || verdict.Effect == RuleEffect.Deny)
                {
                    Record(callId, action, verdict.Effect == RuleEffect.Deny ? "denied" : "once", verdict.Rule is null ? "policy" : "rule", verdict.Rule, null, tell);
                }

                return new(verdict.Effect == RuleEffect.Allow, action, verdict.Reason);
            }

            var answer = await AskAsync(callId, action, verdict, waited, cancellationToken).ConfigureAwait(false);
            var allowed = answer is ApprovalAnswer.Once or ApprovalAnswer.Session or ApprovalAnswer.Always;
            if (allowed && ActionHash.Of(describe()) != ActionHash.Of(action))
            {
                // It is not what the person saw any more.
                Record(callId, action, "expired", "policy", null, null, tell);
                continue;
            }

            Record(callId, action, answer.ToString().ToLowerInvariant(), answer == ApprovalAnswer.Expired ? "nobody" : "person", verdict.Offer, Keep(answer, action, verdict), tell);
            return new(allowed, action, answer switch
            {
                ApprovalAnswer.Denied => "The person said no. Do without it, or explain what is needed.",
                ApprovalAnswer.Expired => "Nobody answered, so it was not done. Do without it.",
                _ => "The person said yes.",
            });
        }

        return new(false, describe(), "What it would do changed each time it was about to be done, so it was not done.");
    }

    /// <summary>A new id for each question: unguessable, used once.</summary>
    private async Task<ApprovalAnswer> AskAsync(string callId, ToolAction action, PolicyVerdict verdict, Action<TimeSpan> waited, CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        var request = new ApprovalRequest
        {
            Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            SessionId = journal.Begin.SessionId,
            CallId = callId,
            Action = action,
            ActionHash = ActionHash.Of(action),
            Reason = action.Because is { } because ? $"{verdict.Reason} Chosen because {because}." : verdict.Reason,
            Rule = verdict.Offer?.ToString(),
            ExpiresAtMs = (time.GetUtcNow() + Lifetime).ToUnixTimeMilliseconds(),
        };
        using var deadline = new CancellationTokenSource(Lifetime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var answer = await approver.AskAsync(request, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return time.GetElapsedTime(asked) >= Lifetime ? ApprovalAnswer.Expired : answer;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Too late, or the connection to the person broke: nobody answered.
            return ApprovalAnswer.Expired;
        }
        finally
        {
            waited(time.GetElapsedTime(asked));
        }
    }

    /// <summary>Keeps what an answer says beyond this once; gives the rule that holds for the session.</summary>
    private PolicyRule? Keep(ApprovalAnswer answer, ToolAction action, PolicyVerdict verdict)
    {
        var allowed = answer is ApprovalAnswer.Once or ApprovalAnswer.Session or ApprovalAnswer.Always;
        if (allowed && action is { Tool: "run_tests", Command: { } tests } && verdict.Rule is null)
        {
            // Only the first use of a test command in a project is asked for (2.8).
            store.RememberTestCommand(tests);
            _policy = null;
            return null;
        }

        if (verdict.Offer is not { } rule || answer is not (ApprovalAnswer.Session or ApprovalAnswer.Always))
        {
            return null;
        }

        _policy = null;
        if (answer == ApprovalAnswer.Always)
        {
            store.Remember(rule);
            return null;
        }

        _sessionRules.Add(rule);
        return rule;
    }

    private void Record(string callId, ToolAction action, string decision, string by, PolicyRule? rule, PolicyRule? sessionRule, Action<SessionEvent> tell)
    {
        journal.Decide(new DecisionRecord
        {
            CallId = callId,
            ActionHash = ActionHash.Of(action),
            Decision = decision,
            By = by,
            SessionRule = sessionRule is null ? null : JsonSerializer.Serialize(sessionRule, PolicyJson.Default.PolicyRule),
            AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        });
        tell(new ApprovalEvent { Id = callId, Decision = decision, By = by, Rule = rule?.ToString() });
    }
}

/// <summary>What was decided on a call.</summary>
/// <param name="Allowed">Whether it may be done, now and once.</param>
/// <param name="Action">What may be done.</param>
/// <param name="Reason">Why, for the model when it may not.</param>
internal sealed record ApprovalVerdict(bool Allowed, ToolAction Action, string Reason);
