using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>What a challenge is for.</summary>
internal enum ChallengeFlow
{
    /// <summary>Registers a passkey.</summary>
    Register,

    /// <summary>Signs in.</summary>
    SignIn,

    /// <summary>Confirms one action.</summary>
    StepUp,
}

/// <summary>A challenge that was given to a browser. It is taken out of the store before anything of its answer is checked, so that it works once (portal-and-control-plane 7).</summary>
internal sealed class ChallengeRow
{
    /// <summary>UUID.</summary>
    public required string Id { get; init; }

    /// <summary>What for.</summary>
    public required ChallengeFlow Flow { get; init; }

    /// <summary>Of whom; null before sign-in.</summary>
    public string? AccountId { get; init; }

    /// <summary>Session that asked for it, by the hash of its key; null before sign-in.</summary>
    public string? SessionHash { get; init; }

    /// <summary>State of the framework's handler: the challenge and the user it is for.</summary>
    public required string State { get; init; }

    /// <summary>Exact bytes of the action that is confirmed; empty for other flows.</summary>
    public required byte[] CanonicalAction { get; init; }

    /// <summary>Random part of the challenge of a step-up; empty for other flows.</summary>
    public required byte[] Nonce { get; init; }

    /// <summary>Until when.</summary>
    public required long ExpiresAtMs { get; init; }
}

internal sealed class ChallengeRowConfiguration : IEntityTypeConfiguration<ChallengeRow>
{
    public void Configure(EntityTypeBuilder<ChallengeRow> builder)
    {
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => row.ExpiresAtMs);
    }
}
