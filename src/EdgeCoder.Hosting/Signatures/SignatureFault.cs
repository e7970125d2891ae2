namespace EdgeCoder.Hosting.Signatures;

/// <summary>What is wrong with a request's signature.</summary>
public enum SignatureFault
{
    /// <summary>Not exactly one signature with our tag, or none that can be read.</summary>
    Missing,

    /// <summary>It lacks a component or parameter, or has one that is not taken here.</summary>
    Incomplete,

    /// <summary><c>created</c> or <c>expires</c> is no integer.</summary>
    TimeUnreadable,

    /// <summary>Made too long ago or in the future, or expired.</summary>
    ClockSkew,

    /// <summary><c>Content-Digest</c> is not the digest of the body.</summary>
    DigestMismatch,

    /// <summary>It does not fit request and key.</summary>
    SignatureMismatch,

    /// <summary>The nonce is addressed to somebody else.</summary>
    OtherAudience,
}

/// <summary>A signature that is refused; each role translates it into its own codes at its edge.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="what">With <see cref="SignatureFault.Incomplete"/>: what is lacking.</param>
public sealed class SignatureFaultException(SignatureFault fault, string? what = null) : Exception(what is null ? fault.ToString() : $"{fault}: {what}")
{
    /// <summary>What is wrong.</summary>
    public SignatureFault Fault => fault;

    /// <summary>What is lacking; null for other faults.</summary>
    public string? What => what;
}
