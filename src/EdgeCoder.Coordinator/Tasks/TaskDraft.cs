using EdgeCoder.Coordinator.Planning;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Charges;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>A submission that passed every rule: its row, and its plan unless the inference role makes it.</summary>
/// <param name="Task">Ready to store.</param>
/// <param name="Plan">Null with plan auto.</param>
/// <param name="WaitsFor">Positions that each item of the plan waits for.</param>
internal sealed record TaskDraft(TaskRow Task, IReadOnlyList<PlanItem>? Plan, int[][]? WaitsFor)
{
    /// <summary>Makes a draft, or throws what the submitter has to mend. Pure but for its inputs.</summary>
    public static TaskDraft Of(TaskSubmission submission, string bodySha256, Caller caller, QueueOptions options, long nowMs)
    {
        // 1. Field rules; then what has its own code.
        var issues = SubmissionRules.Check(submission);
        if (issues.Count > 0)
        {
            throw Refusal.Invalid(issues);
        }

        var dataClass = DataClass(submission, options);
        var account = SubmitterAccount.Of(submission.SubmitterAccountId, caller);
        SubmitterAccount.CheckTenant(submission.TenantId, caller);

        // 2. Plan.
        var kind = submission.Kind ?? SubtaskKind.MicroLoop;
        var language = submission.Language ?? "python";
        var planKind = submission.Plan ?? (submission.Subtasks is { Count: > 0 } ? TaskPlan.Given : TaskPlan.Auto);
        var single = PlanItems.Single(submission.Prompt ?? "", kind, language, submission.Limits, submission.MaxAttempts ?? 3, submission.RequestedModel, submission.AcceptanceCheck);
        IReadOnlyList<PlanItem>? plan = planKind switch { TaskPlan.Single => [single], TaskPlan.Given => PlanItems.Given(submission), _ => null };
        int[][]? waitsFor = null;
        if (plan is not null && (waitsFor = PlanOrder.Resolve(plan, out var fault)) is null)
        {
            throw fault is PlanFault.DependencyCycle
                ? new Refusal(400, "dependency_cycle", "Subtasks wait for each other. Remove a dependency.")
                : new Refusal(400, "unknown_dependency", "A dependency names no subtask of this plan. Use keys or 0-based indexes of its subtasks.");
        }

        // 3. Estimate: whole budgets at the highest load and model; the submitter's limit when it is lower.
        var resources = submission.ResourceClass ?? ResourceClass.Cpu;
        var estimate = (plan ?? [single]).Sum(item => EarningFormula.Estimate(item.AttemptTimeoutMs, resources).Value);
        if (submission.MaxCredits is { } most)
        {
            estimate = Math.Min(estimate, (long)(most * 1000m));
        }

        var (checkJson, checkDigest) = FrozenCheck.Of(submission.AcceptanceCheck);
        var task = new TaskRow
        {
            TaskId = submission.TaskId!,
            AccountId = account,
            BodySha256 = bodySha256,
            ProjectId = submission.ProjectId ?? "default",
            TenantId = submission.TenantId,
            DataClass = dataClass,
            Kind = kind,
            Language = language,
            ResourceClass = resources,
            Priority = submission.Priority ?? 50,
            RequestedModel = submission.RequestedModel,
            ModelRequired = submission.ModelRequired ?? false,
            SandboxRequired = (submission.SandboxRequired ?? false) || submission.TenantId is not null,
            Plan = planKind,
            Prompt = submission.Prompt ?? "",
            SnapshotRef = submission.SnapshotRef,
            SnapshotUrl = submission.SnapshotUrl,
            SnapshotSha256 = submission.SnapshotSha256,
            CheckJson = checkJson,
            CheckDigest = checkDigest,
            LimitsJson = AttemptLimitsJson.Write(submission.Limits),
            MaxAttempts = submission.MaxAttempts ?? 3,
            DeadlineMs = submission.DeadlineMs,
            EstimateMc = estimate,
            AllowCloudReview = submission.AllowCloudReview ?? false,
            State = plan is null ? TaskState.Submitted : TaskState.Planned,
            Unverified = false,
            AuditOverturned = false,
            Events = 0,
            PlanTries = 0,
            PlanNotBeforeMs = 0,
            Partition = options.PartitionOf(submission.TaskId!),
            CreatedAtMs = nowMs,
            UpdatedAtMs = nowMs,
        };
        return new(task, plan, waitsFor);
    }

    private static SharedDataClass DataClass(TaskSubmission submission, QueueOptions options) => submission.DataClass switch
    {
        "local" => throw new Refusal(400, "data_class_local_not_submittable", "Work of class local never leaves its machine. Run it there with `edgecoder run`."),
        "mesh" when options.EnterpriseOverlay => throw new Refusal(403, "data_class_mesh_disabled", "This network is an enterprise overlay. Submit with data class team."),
        "mesh" => SharedDataClass.Mesh,
        _ => SharedDataClass.Team,
    };
}
