namespace EdgeCoder.Portal.Pages;

/// <summary>A node in a list.</summary>
public sealed record NodeView
{
    /// <summary>Its id.</summary>
    public required string NodeId { get; init; }

    /// <summary>Its state in a word or two.</summary>
    public required string State { get; init; }

    /// <summary><c>good</c>, <c>wait</c> or <c>bad</c>.</summary>
    public required string Tone { get; init; }

    /// <summary>Why it does not work, and what to do; null when it may.</summary>
    public string? Blocked { get; init; }

    /// <summary>Why an operator decided so, in the operator's words.</summary>
    public string? Reason { get; init; }

    /// <summary>What a person compares with what the worker prints; null without a key.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The machine, as its owner named it.</summary>
    public string? Device { get; init; }

    /// <summary>Where its rewards go; null before a key is bound.</summary>
    public string? Rewards { get; init; }

    /// <summary>When its coordinator last heard of it.</summary>
    public long? LastSeenMs { get; init; }

    /// <summary>Last change of its state.</summary>
    public required long UpdatedAtMs { get; init; }

    /// <summary>When its open token ends; null when none is open.</summary>
    public long? TokenEndsMs { get; init; }

    /// <summary>Its owner's address, for those who decide.</summary>
    public string? Owner { get; init; }

    /// <summary>Address from which it registered, for those who decide.</summary>
    public string? SourceIp { get; init; }

    /// <summary>Whether its owner can pause it.</summary>
    public bool CanPause { get; init; }

    /// <summary>Whether its owner can resume it.</summary>
    public bool CanResume { get; init; }

    /// <summary>Whether its owner can make a new code.</summary>
    public bool CanRotate { get; init; }

    /// <summary>Whether somebody stopped it.</summary>
    public bool Suspended { get; init; }

    /// <summary>Whether an operator refused it.</summary>
    public bool Refused { get; init; }
}
