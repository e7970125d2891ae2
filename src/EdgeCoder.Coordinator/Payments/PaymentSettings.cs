using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.Protocol.Identifiers;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>Settings of purchases (economy-and-ledger 19). Holds secrets: no record that prints itself.</summary>
public sealed class PaymentSettings
{
    // Accounts of the system are known by their ids; another would not be opened, and nothing could be settled.
    private const string FeeAccounts = "coordinator-fee:";

    /// <summary>The node.</summary>
    public LightningSettings Lightning { get; init; } = new();

    /// <summary><c>COORDINATOR_FEE_BPS</c>.</summary>
    public int FeeBps { get; init; } = 150;

    /// <summary><c>COORDINATOR_FEE_ACCOUNT</c>.</summary>
    public string FeeAccount { get; init; } = "coordinator-fee:default";

    /// <summary><c>PAYMENT_WEBHOOK_SECRET</c>; null closes the webhook.</summary>
    public string? WebhookSecret { get; init; }

    /// <summary><c>PAYMENT_INTENT_TTL_MS</c>.</summary>
    public TimeSpan IntentTtl { get; init; } = TimeSpan.FromMilliseconds(900_000);

    /// <summary><c>PAYMENT_LATE_WATCH_MS</c>: how long after its end a purchase is asked about by itself. Asking by hand has no limit.</summary>
    public TimeSpan LateWatch { get; init; } = TimeSpan.FromMilliseconds(604_800_000);

    /// <summary>Limits of sends.</summary>
    public SendSettings Sends { get; init; } = new();

    /// <summary>How the net is divided.</summary>
    public PayoutSettings Payouts { get; init; } = new();

    /// <summary>Reads them. What is asked for and is not there is refused.</summary>
    public static PaymentSettings Read(SettingsReader reader, bool production)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var feeAccount = reader.Text("COORDINATOR_FEE_ACCOUNT") ?? "coordinator-fee:default";
        if (!ClientId.IsValid(feeAccount) || !feeAccount.StartsWith(FeeAccounts, StringComparison.Ordinal))
        {
            reader.Refuse($"COORDINATOR_FEE_ACCOUNT must be an account of fees: {FeeAccounts} and a name of A-Z a-z 0-9 . _ : -");
        }

        if (reader.Flag("ROBOT_QUEUE_ENABLED", false))
        {
            reader.Refuse("ROBOT_QUEUE_ENABLED cannot be honoured: bounties need a provider that can hold a payment, and none here can. Unset it.");
        }

        return new()
        {
            Lightning = LightningSettings.Read(reader, production),
            FeeBps = (int)reader.Number("COORDINATOR_FEE_BPS", 150, 0, 10_000),
            FeeAccount = feeAccount,
            WebhookSecret = reader.Secret("PAYMENT_WEBHOOK_SECRET"),
            IntentTtl = reader.Milliseconds("PAYMENT_INTENT_TTL_MS", 900_000, 60_000, 86_400_000),
            Sends = SendSettings.Read(reader),
            Payouts = PayoutSettings.Read(reader),
            LateWatch = reader.Milliseconds("PAYMENT_LATE_WATCH_MS", 604_800_000, 0, 31_536_000_000),
        };
    }
}
