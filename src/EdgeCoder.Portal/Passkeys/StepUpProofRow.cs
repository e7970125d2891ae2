using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>An assertion that confirmed an action, kept so that it can be checked without this portal (portal-and-control-plane 7). It outlives the passkey and the account.</summary>
internal sealed class StepUpProofRow
{
    /// <summary>Id of its challenge.</summary>
    public required string Id { get; init; }

    /// <summary><c>user:ID</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>Exact bytes that were confirmed.</summary>
    public required byte[] CanonicalAction { get; init; }

    /// <summary>32 random bytes of the challenge.</summary>
    public required byte[] Nonce { get; init; }

    /// <summary>Client data of the browser.</summary>
    public required byte[] ClientData { get; init; }

    /// <summary>What the authenticator said.</summary>
    public required byte[] AuthenticatorData { get; init; }

    /// <summary>Signature over both.</summary>
    public required byte[] Signature { get; init; }

    /// <summary>Key of the credential at that time, COSE.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>Relying party that it was made for.</summary>
    public required string RpId { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }
}

internal sealed class StepUpProofRowConfiguration : IEntityTypeConfiguration<StepUpProofRow>
{
    public void Configure(EntityTypeBuilder<StepUpProofRow> builder)
    {
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => row.Actor);
    }
}
