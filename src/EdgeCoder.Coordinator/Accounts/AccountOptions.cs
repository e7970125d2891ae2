namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Settings of accounts.</summary>
/// <param name="Faucet">Whether an account may be opened with credits of <c>mint:faucet</c> (<c>FAUCET_ENABLED</c>); never in production.</param>
internal sealed record AccountOptions(bool Faucet);
