using EdgeCoder.Hosting.Callers;

namespace EdgeCoder.Hosting.Credentials;

/// <summary>Stored keys and tokens, and the audit log. Two kinds: of a role with a store, and of one without.</summary>
internal interface ICredentials
{
    /// <summary>The caller of an API key; null when it is none.</summary>
    ValueTask<Caller?> ApiKeyAsync(string key, CancellationToken cancellationToken);

    /// <summary>The caller of a stored operator token; null when it is none.</summary>
    ValueTask<Caller?> AdminTokenAsync(string token, CancellationToken cancellationToken);

    /// <summary>Whether any operator token is valid now.</summary>
    ValueTask<bool> HasAdminTokensAsync(CancellationToken cancellationToken);

    /// <summary>Writes a use of operator rights durably.</summary>
    Task AuditAsync(AdminAuditRow use, CancellationToken cancellationToken);
}

/// <summary>Of a role without a store: nothing is stored, so nothing is found.</summary>
internal sealed class NoCredentials : ICredentials
{
    public ValueTask<Caller?> ApiKeyAsync(string key, CancellationToken cancellationToken) => default;

    public ValueTask<Caller?> AdminTokenAsync(string token, CancellationToken cancellationToken) => default;

    public ValueTask<bool> HasAdminTokensAsync(CancellationToken cancellationToken) => default;

    public Task AuditAsync(AdminAuditRow use, CancellationToken cancellationToken) => Task.CompletedTask;
}
