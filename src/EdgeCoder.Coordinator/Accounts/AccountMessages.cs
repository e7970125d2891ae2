using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Body of <c>POST /admin/accounts</c>.</summary>
/// <param name="AccountId">An id without colons: those with one are the system's.</param>
/// <param name="ApiKeyName">What the key is called in lists and audits; default <c>first</c>.</param>
/// <param name="Credits">First credits, of the development faucet; more than 0, at most 10,000, with at most three decimals. None when absent.</param>
internal sealed record AccountRequest(string? AccountId, string? ApiKeyName, decimal? Credits);

/// <summary>Its answer.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="ApiKey">Secret, shown this once; only its hash is stored.</param>
internal sealed record AccountAnswer(string AccountId, string ApiKey)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(AccountAnswer);
}

/// <summary>Messages of accounts.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(AccountRequest))]
[JsonSerializable(typeof(AccountAnswer))]
internal sealed partial class AccountJson : JsonSerializerContext;
