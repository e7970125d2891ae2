namespace EdgeCoder.Coordinator.Verification;

/// <summary>Who runs a result again.</summary>
internal enum VerifierPlace
{
    /// <summary>The home coordinator's own sandbox.</summary>
    Coordinator,

    /// <summary>An agent of another owner than the worker, under a <c>verify</c> lease; while there is none the result waits (<c>no_verifier</c>).</summary>
    AnotherOwner,
}

/// <summary>Nobody judges its own work for somebody else (coordinator-and-mesh 5.2, V5): pure.</summary>
internal static class VerifierChoice
{
    /// <summary>Where a result is run again.</summary>
    /// <param name="workerAccountId">Owner of the agent that did the work.</param>
    /// <param name="requesterAccountId">Owner of the task.</param>
    /// <param name="operatorAccountId">Who operates this coordinator; null: nobody who owns agents or tasks.</param>
    /// <param name="sandboxHere">Whether this machine can run it: false is a machine without isolation.</param>
    public static VerifierPlace For(string workerAccountId, string requesterAccountId, string? operatorAccountId, bool sandboxHere) =>
        !sandboxHere || JudgesItself(workerAccountId, requesterAccountId, operatorAccountId) ? VerifierPlace.AnotherOwner : VerifierPlace.Coordinator;

    /// <summary>Accounts whose agents may not verify: the worker's.</summary>
    public static IReadOnlyList<string> VerifyConflicts(string workerAccountId) => [workerAccountId];

    /// <summary>Accounts whose agents may not audit: those of worker, verifier and requester. Sorted.</summary>
    /// <param name="workerAccountId">Owner of the worker.</param>
    /// <param name="verifierAccountId">Owner of the verifier; of a coordinator its operator; null: nobody who owns agents.</param>
    /// <param name="requesterAccountId">Owner of the task.</param>
    public static IReadOnlyList<string> AuditConflicts(string workerAccountId, string? verifierAccountId, string requesterAccountId) =>
        [.. new[] { workerAccountId, verifierAccountId, requesterAccountId }.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Whether an agent may verify: its owner is not the worker's.</summary>
    public static bool MayVerify(string verifierAccountId, string workerAccountId) => !VerifyConflicts(workerAccountId).Contains(verifierAccountId, StringComparer.Ordinal);

    /// <summary>Whether an agent may audit: its owner is neither worker nor verifier nor requester.</summary>
    /// <param name="auditorAccountId">Owner of the auditor.</param>
    /// <param name="workerAccountId">Owner of the worker.</param>
    /// <param name="verifierAccountId">Owner of the verifier; of a coordinator its operator; null: nobody who owns agents.</param>
    /// <param name="requesterAccountId">Owner of the task.</param>
    public static bool MayAudit(string auditorAccountId, string workerAccountId, string? verifierAccountId, string requesterAccountId) =>
        !AuditConflicts(workerAccountId, verifierAccountId, requesterAccountId).Contains(auditorAccountId, StringComparer.Ordinal);

    /// <summary>The operator owns the worker, and somebody else pays.</summary>
    private static bool JudgesItself(string worker, string requester, string? @operator) => Same(worker, @operator) && !Same(worker, requester);

    private static bool Same(string one, string? other) => string.Equals(one, other, StringComparison.Ordinal);
}
