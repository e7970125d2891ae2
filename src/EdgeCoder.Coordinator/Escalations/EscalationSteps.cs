using System.Security.Cryptography;
using EdgeCoder.Agent.Redaction;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>
/// One step of one escalation (agent-executor-models 7.1), from its row alone. Each step has its effect first and is written down after it; an effect that
/// a crash left unwritten is found again in the subtask's own rows, so doing the step again does nothing twice.
/// </summary>
internal sealed class EscalationSteps(EscalationStore store, ITaskQueue queue, InferenceBackEnd inference, ParentBackEnd parent, CoordinatorIdentity identity, EscalationSettings settings, TimeProvider time)
{
    private const long SoonMs = 1_000;
    private const long PollMs = 5_000;
    private const long HumanLookMs = 30_000;
    private const int MostPolls = 120;

    private readonly Redactor _redactor = new(settings.PrivateHosts);

    /// <summary>Does the step of a row whose claim is held; gives whether the row moved.</summary>
    public async Task<bool> DoAsync(EscalationRow row, string claimId, CancellationToken cancellationToken)
    {
        // 1. Whatever was to come, the subtask may have ended meanwhile.
        var subtask = row.OriginPeerId is null ? await store.SubtaskAsync(row.SubtaskId, cancellationToken).ConfigureAwait(false) : null;
        if (row.OriginPeerId is null && EscalationMachine.Ended(subtask) is { } end)
        {
            return await EndAsync(row, claimId, subtask, end.Status, end.Why, cancellationToken).ConfigureAwait(false);
        }

        // 2. The step itself.
        var move = row.Phase switch
        {
            EscalationPhase.Waiting => Wait(row, subtask),
            EscalationPhase.Inference => EscalationMachine.PassOverInference(subtask?.Kind, row.Language, settings) is { } why
                ? PassOver(row, why)
                : Read(row, await inference.AskAsync(row, cancellationToken).ConfigureAwait(false)),
            EscalationPhase.Parent => EscalationMachine.PassOverParent(ClassOf(row, subtask), subtask?.Kind, EscalationRecords.Read(row.Hops), identity.PeerId, settings) is { } why
                ? PassOver(row, why)
                : Read(row, await parent.AskAsync(row, cancellationToken).ConfigureAwait(false)),
            EscalationPhase.Cloud => PassOver(row, EscalationMachine.PassOverCloud(subtask!.AllowCloudReview)),
            EscalationPhase.InferenceOffer or EscalationPhase.ParentOffer or EscalationPhase.HumanOffer => await OfferAsync(row, subtask, cancellationToken).ConfigureAwait(false),
            EscalationPhase.InferenceVerify or EscalationPhase.ParentVerify or EscalationPhase.HumanVerify => await JudgeAsync(row, subtask!, cancellationToken).ConfigureAwait(false),
            EscalationPhase.HumanContext => await GiveContextAsync(row, subtask!, cancellationToken).ConfigureAwait(false),
            EscalationPhase.HumanAbandon => await AbandonAsync(row, cancellationToken).ConfigureAwait(false),
            _ => null,
        };

        // 3. Its outcome, with what belongs to it in the same transaction.
        if (row.Phase == EscalationPhase.Human)
        {
            return await OpenHumanAsync(row, claimId, cancellationToken).ConfigureAwait(false);
        }

        move ??= Stay(row, row.Phase == EscalationPhase.HumanWait ? HumanLookMs : SoonMs);
        return await store.MoveAsync(row, claimId, move, NowMs, Beside(row, move), cancellationToken).ConfigureAwait(false);
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static SharedDataClass ClassOf(EscalationRow row, EscalatedSubtask? subtask) => subtask?.DataClass ?? (row.DataClass == EnumText.Of(SharedDataClass.Mesh) ? SharedDataClass.Mesh : SharedDataClass.Team);

    // An agent may still be at work: its result comes first.
    private EscalationMove Wait(EscalationRow row, EscalatedSubtask? subtask) =>
        row.OriginPeerId is null && subtask!.State != SubtaskState.Rejected ? Stay(row, SoonMs) : To(EscalationPhase.Inference, EscalationStatus.Processing);

    private EscalationMove PassOver(EscalationRow row, string why) => Next(row, Step(row, "passed_over", why, null));

    private EscalationMove Read(EscalationRow row, BackEndAnswer answer) => answer switch
    {
        BackEndAnswer.Candidate found => To(EscalationMachine.OfferOf(row.Phase), EscalationStatus.Processing) with
        {
            Attempt = Step(row, "candidate", found.Explanation ?? "Code was given without an explanation.", found.Model),
            ImprovedCode = found.Code,
            Explanation = found.Explanation,
            By = found.By,
            Model = found.Model,
            Verification = "unverified",
        },
        BackEndAnswer.TryAgain again when row.Tries < settings.MaxRetries => Stay(row, EscalationMachine.RetryDelayMs(row.Tries + 1, settings.RetryBaseDelay, RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20))) with { Tries = row.Tries + 1 },
        BackEndAnswer.TryAgain again => Next(row, Step(row, "failed", $"{again.Reason} It was tried {row.Tries + 1} times.", null)),
        BackEndAnswer.Working has when row.Polls < MostPolls => Stay(row, PollMs) with { Polls = row.Polls + 1, Tries = 0, GivenTo = has.By },
        BackEndAnswer.Working => Next(row, Step(row, "failed", "It was not done in time.", null)),
        BackEndAnswer.Failed failed => Next(row, Step(row, "failed", failed.Reason, null)),
        _ => throw new InvalidOperationException("Not an answer of a back-end."),
    };

    private async Task<EscalationMove> OfferAsync(EscalationRow row, EscalatedSubtask? subtask, CancellationToken cancellationToken)
    {
        // A peer verifies its own candidates; here it would have no check.
        if (row.OriginPeerId is not null)
        {
            return To(EscalationPhase.Done, EscalationStatus.Completed);
        }

        var code = row.Phase == EscalationPhase.HumanOffer ? (await store.HumanAsync(row.EscalationId, cancellationToken).ConfigureAwait(false))?.HumanEditedCode : row.ImprovedCode;
        if (string.IsNullOrEmpty(code))
        {
            return Next(row, Step(row, "failed", "The candidate is empty.", null));
        }

        if (subtask!.State is SubtaskState.Reported or SubtaskState.Verifying)
        {
            // Offered already, before a crash.
            return To(EscalationMachine.VerifyOf(row.Phase), EscalationStatus.Processing) with { ImprovedCode = code };
        }

        if (subtask.State != SubtaskState.Rejected)
        {
            return Stay(row, SoonMs);
        }

        if (await store.VerdictAsync(row.SubtaskId, code, cancellationToken).ConfigureAwait(false) is { Kind: VerdictKind.Rejected } verdict)
        {
            return Rejected(row, verdict);
        }

        try
        {
            await queue.OfferCandidateAsync(row.SubtaskId, code, SourceOf(row.Phase), cancellationToken).ConfigureAwait(false);
        }
        catch (Refusal refusal)
        {
            return Next(row, Step(row, "failed", $"The candidate was not taken for verification: {refusal.Error}.", null));
        }

        return To(EscalationMachine.VerifyOf(row.Phase), EscalationStatus.Processing) with { ImprovedCode = code, Verification = "unverified" };
    }

    // Accepted ends at step 1 of every look; what is left is rejected, still being verified, or given up as inconclusive.
    private async Task<EscalationMove> JudgeAsync(EscalationRow row, EscalatedSubtask subtask, CancellationToken cancellationToken)
    {
        if (subtask.State is SubtaskState.Reported or SubtaskState.Verifying)
        {
            return Stay(row, SoonMs);
        }

        if (subtask.State != SubtaskState.Rejected)
        {
            return To(EscalationPhase.Waiting, EscalationStatus.Processing) with { Attempt = Step(row, "inconclusive", "The candidate could not be verified; the subtask is tried again.", null), Verification = "inconclusive" };
        }

        return await store.VerdictAsync(row.SubtaskId, row.ImprovedCode ?? "", cancellationToken).ConfigureAwait(false) is { Kind: VerdictKind.Rejected } verdict
            ? Rejected(row, verdict)
            : To(EscalationMachine.OfferOf(row.Phase), EscalationStatus.Processing);
    }

    private EscalationMove Rejected(EscalationRow row, VerdictRow verdict)
    {
        var report = $"{verdict.ReasonCode}: {verdict.TestsPassed} of {verdict.TestsRun} tests passed";
        return Next(row, Step(row, "rejected", report, null)) with { Error = $"{SourceOf(row.Phase)}: {report}", Verification = "rejected" };
    }

    private async Task<EscalationMove> GiveContextAsync(EscalationRow row, EscalatedSubtask subtask, CancellationToken cancellationToken)
    {
        // When the subtask is no longer rejected, a crash came between the effect and its writing.
        if (subtask.State == SubtaskState.Rejected)
        {
            var human = await store.HumanAsync(row.EscalationId, cancellationToken).ConfigureAwait(false);
            await queue.ResumeEscalatedAsync(row.SubtaskId, human?.HumanContext, cancellationToken).ConfigureAwait(false);
        }

        return To(EscalationPhase.Waiting, EscalationStatus.Processing) with { Attempt = Step(row, "context", "A person gave context; a new attempt began.", null), NewRound = true };
    }

    private async Task<EscalationMove> AbandonAsync(EscalationRow row, CancellationToken cancellationToken)
    {
        await queue.FailAsync(row.TaskId, "escalation_abandoned", cancellationToken).ConfigureAwait(false);
        return To(EscalationPhase.Done, EscalationStatus.Failed) with { Attempt = Step(row, "abandoned", "A person gave up.", null) };
    }

    private Task<bool> OpenHumanAsync(EscalationRow row, string claimId, CancellationToken cancellationToken)
    {
        var human = HumanRecords.Of(row, EscalationStore.Attempts(row.Attempts), EscalationRecords.Read(row.ErrorHistory), _redactor, NowMs);
        var move = To(EscalationPhase.HumanWait, EscalationStatus.PendingHuman) with { NextAtMs = NowMs + HumanLookMs };
        return store.MoveAsync(
            row,
            claimId,
            move,
            NowMs,
            batch =>
            {
                batch.TryInsert(human);
                return true;
            },
            cancellationToken);
    }

    private Task<bool> EndAsync(EscalationRow row, string claimId, EscalatedSubtask? subtask, EscalationStatus status, string why, CancellationToken cancellationToken)
    {
        var accepted = status == EscalationStatus.Completed;
        var own = accepted && row.Phase is EscalationPhase.InferenceVerify or EscalationPhase.ParentVerify or EscalationPhase.HumanVerify or EscalationPhase.InferenceOffer or EscalationPhase.ParentOffer or EscalationPhase.HumanOffer;
        var move = To(EscalationPhase.Done, status) with
        {
            Attempt = Step(row, accepted ? "accepted" : "ended", own ? "The candidate was accepted." : why, null),
            Verification = own ? "accepted" : null,
            Explanation = own ? null : why,
        };
        var (human, only) = accepted ? ("resolved", "human_responded") : ("abandoned", "pending_human");
        return store.MoveAsync(row, claimId, move, NowMs, batch => SetHuman(batch, row, human, only) >= 0, cancellationToken);
    }

    /// <summary>What changes in the person's record with a move: rejected code opens it again, an end closes it.</summary>
    private Func<IStoreBatch, bool>? Beside(EscalationRow row, EscalationMove move) => (row.Phase, move.Phase) switch
    {
        (EscalationPhase.HumanVerify or EscalationPhase.HumanOffer, EscalationPhase.HumanWait) => batch =>
        {
            var history = batch.Query("SELECT error_history FROM human_escalations WHERE escalation_id = $1", r => r.Text(0), row.EscalationId);
            var error = move.Error ?? move.Attempt?.Reason;
            if (history is [var before] && error is not null)
            {
                batch.Execute("UPDATE human_escalations SET error_history = $2 WHERE escalation_id = $1", row.EscalationId, EscalationRecords.Write([.. EscalationRecords.Read(before), HumanRecords.Redacted(error, _redactor)]));
            }

            return SetHuman(batch, row, "pending_human", "human_responded") >= 0;
        },
        (EscalationPhase.HumanAbandon, EscalationPhase.Done) => batch => SetHuman(batch, row, "abandoned", "human_responded") >= 0,
        _ => null,
    };

    private int SetHuman(IStoreBatch batch, EscalationRow row, string status, string only) => batch.Execute(
        "UPDATE human_escalations SET status = $2, updated_at_ms = $3 WHERE escalation_id = $1 AND status = $4", row.EscalationId, status, NowMs, only);

    private EscalationMove Next(EscalationRow row, AutomatedAttempt attempt)
    {
        var phase = EscalationMachine.NextStep(row.Phase, row.OriginPeerId is not null);
        return To(phase, phase switch
        {
            EscalationPhase.Done => EscalationStatus.Failed,
            EscalationPhase.HumanWait => EscalationStatus.PendingHuman,
            _ => EscalationStatus.Processing,
        }) with { Attempt = attempt };
    }

    private EscalationMove To(string phase, EscalationStatus status) => new() { Phase = phase, Status = status, NextAtMs = NowMs };

    private EscalationMove Stay(EscalationRow row, long delayMs) => new() { Phase = row.Phase, Status = EnumText.Parse<EscalationStatus>(row.Status), NextAtMs = NowMs + delayMs, Tries = row.Tries, Polls = row.Polls };

    private AutomatedAttempt Step(EscalationRow row, string outcome, string reason, string? model) => new(EscalationMachine.StepOf(row.Phase), outcome, reason, model, NowMs);

    private static string SourceOf(string phase) => EscalationMachine.StepOf(phase) switch
    {
        EscalationStep.InferenceService => "inference-service",
        EscalationStep.ParentCoordinator => "parent-coordinator",
        EscalationStep.CloudInference => "cloud-inference",
        _ => "human",
    };
}
