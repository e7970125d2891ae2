namespace EdgeCoder.Agent.Submissions;

/// <summary>How work is given to a coordinator: its address and who asks. The address was named by a person; there is no default one.</summary>
public sealed record SubmitterAccess
{
    /// <summary>Base address: https, or http on this machine.</summary>
    public required Uri Coordinator { get; init; }

    /// <summary>Credential: a personal API key, or an operator's token. Goes to <see cref="Coordinator"/> only.</summary>
    public required string ApiKey { get; init; }

    /// <summary>Account that submissions are charged to; null for the only one of the key.</summary>
    public string? AccountId { get; init; }

    /// <summary>Whether a credential may be sent to an address: nobody on the way could read it.</summary>
    public static bool IsPermitted(Uri address) =>
        address.IsAbsoluteUri && address.UserInfo.Length == 0 && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));

    /// <summary>Without the key.</summary>
    public override string ToString() => $"{AccountId ?? "a submitter"} at {Coordinator}";
}
