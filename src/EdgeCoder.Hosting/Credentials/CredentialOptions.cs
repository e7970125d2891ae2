namespace EdgeCoder.Hosting.Credentials;

/// <summary>Credentials of the settings. What is null is not configured, and closes its routes.</summary>
public sealed class CredentialOptions
{
    /// <summary><c>MESH_AUTH_TOKEN</c>.</summary>
    public SecretDigest? MeshToken { get; init; }

    /// <summary><c>PORTAL_COORDINATOR_TOKEN</c>.</summary>
    public SecretDigest? PortalToken { get; init; }

    /// <summary><c>ADMIN_API_TOKEN</c>: the operator <c>env:bootstrap</c>, with every scope.</summary>
    public SecretDigest? AdminToken { get; init; }

    /// <summary>Of the settings' texts; null or empty ones are not configured.</summary>
    public static CredentialOptions From(string? meshToken, string? portalToken, string? adminToken) => new()
    {
        MeshToken = Digest(meshToken),
        PortalToken = Digest(portalToken),
        AdminToken = Digest(adminToken),
    };

    private static SecretDigest? Digest(string? secret) => string.IsNullOrEmpty(secret) ? null : new(secret);
}
