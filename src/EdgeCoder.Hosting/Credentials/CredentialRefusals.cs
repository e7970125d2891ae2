using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.Hosting.Credentials;

/// <summary>Refusals of callers without the credential of a route (coordinator-and-mesh 1, 2.3).</summary>
internal static class CredentialRefusals
{
    public static Refusal NotConfigured(string setting) => new(503, "service_credential_missing", $"This route is closed until {setting} is set.");

    public static Refusal NoOperator() => new(503, "admin_dashboard_not_configured", "No operator token exists. Set ADMIN_API_TOKEN, or make a named token.");

    public static Refusal WrongOperator() => new(401, "invalid_admin_token", "Send a valid operator token in x-admin-token or Authorization: Bearer.");

    public static Refusal WrongService(string header) => new(401, "mesh_unauthorized", $"Send the configured token in {header}.");

    public static Refusal WrongApiKey() => new(401, "invalid_api_key", "This API key is not valid. Make another for your account.");

    public static Refusal AccountRequired() => new(401, "account_required", "Work that leaves the machine belongs to an account. Send an API key in Authorization: Bearer.");

    public static Refusal Scope(string scope) => new(403, "admin_scope_required", $"This operator token lacks the scope {scope}. Use one that has it.") { Reason = scope };
}
