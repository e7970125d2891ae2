using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>A holder of credits or of msat (economy-and-ledger 2). The counters are a cache of its transfers.</summary>
[KeyOrder]
internal sealed class AccountRow
{
    /// <summary>The account.</summary>
    public required string AccountId { get; init; }

    /// <summary><c>credit</c> (counters in millicredits) or <c>msat</c> (in msat).</summary>
    public string Unit { get; init; } = "credit";

    /// <summary>user, agent, peer, system, mint.</summary>
    public required string Kind { get; init; }

    /// <summary>How its owner calls it; shown to members and operators only, never in a log.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The portal's id of the person who owns it; null for the system's and for accounts that an operator opened without a portal.</summary>
    public string? OwnerUserId { get; init; }

    /// <summary>Whether debits, held ones included, may exceed credits: no <c>debitsMustNotExceedCredits</c>.</summary>
    public bool MayOwe { get; init; }

    /// <summary><c>creditsMustNotExceedDebits</c>: a mint never takes back more than it gave.</summary>
    public bool NeverGains { get; init; }

    /// <summary>Whether a check of the books found them wrong: nothing is written until an operator lets it.</summary>
    public bool Stopped { get; init; }

    /// <summary>What it may owe, set by an operator.</summary>
    public long Overdraft { get; init; }

    /// <summary>Held.</summary>
    public long DebitsPending { get; init; }

    /// <summary>Spent.</summary>
    public long DebitsPosted { get; init; }

    /// <summary>Promised.</summary>
    public long CreditsPending { get; init; }

    /// <summary>Received.</summary>
    public long CreditsPosted { get; init; }

    /// <summary>Of what was received: for contributed work and purchases; the submission gate weighs it.</summary>
    public long Earned { get; init; }

    /// <summary>When it was opened.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<AccountRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<AccountRow> builder) => builder.ToTable("accounts").HasKey(row => row.AccountId);
    }
}
