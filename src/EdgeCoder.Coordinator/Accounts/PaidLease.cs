namespace EdgeCoder.Coordinator.Accounts;

/// <summary>A lease that was paid.</summary>
/// <param name="TransferId">The transfer that paid it.</param>
/// <param name="Mc">What, in millicredits.</param>
/// <param name="PayerAccountId">Who paid.</param>
/// <param name="RewardAccountId">Who was paid.</param>
/// <param name="SameOwner">Whether both are one account or have a member in common.</param>
internal readonly record struct PaidLease(string TransferId, long Mc, string PayerAccountId, string RewardAccountId, bool SameOwner);
