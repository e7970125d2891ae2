namespace EdgeCoder.Protocol.Signatures;

/// <summary>
/// One member of a <c>Signature-Input</c> header (RFC 9421 4.1): which components a signature covers, in order, and its parameters. <see cref="Text"/> is
/// as received, because that is what was signed.
/// </summary>
public sealed record SignatureInput
{
    /// <summary>Label that joins it to its member of <c>Signature</c>.</summary>
    public required string Label { get; init; }

    /// <summary>Components and parameters as received: the value of <c>@signature-params</c>.</summary>
    public required string Text { get; init; }

    /// <summary>Covered components, in order, no two equal.</summary>
    public required IReadOnlyList<SignatureComponent> Components { get; init; }

    /// <summary>Whether <c>created</c> is there at all, integer or not.</summary>
    public bool HasCreated { get; init; }

    /// <summary>Seconds since the epoch; null when absent or no integer.</summary>
    public long? Created { get; init; }

    /// <summary>Whether <c>expires</c> is there at all, integer or not.</summary>
    public bool HasExpires { get; init; }

    /// <summary>Seconds since the epoch; null when absent or no integer.</summary>
    public long? Expires { get; init; }

    /// <summary>Number used once.</summary>
    public string? Nonce { get; init; }

    /// <summary>Who signed.</summary>
    public string? KeyId { get; init; }

    /// <summary>Algorithm.</summary>
    public string? Algorithm { get; init; }

    /// <summary>Application.</summary>
    public string? Tag { get; init; }

    /// <summary>Whether a component is covered, without parameters.</summary>
    public bool Covers(string name)
    {
        foreach (var component in Components)
        {
            if (component.Parameters.Length == 0 && component.Name == name)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A covered component.</summary>
/// <param name="Name">Derived name with @, or header name in lower case.</param>
/// <param name="Parameters">Its parameters as received, from the first semicolon on; empty without any.</param>
public readonly record struct SignatureComponent(string Name, string Parameters);
