namespace EdgeCoder.Inference.Providers;

/// <summary>A model as a person names it: <c>ID</c>, or <c>PROVIDER/ID</c> where the provider matters. Ids may hold slashes themselves.</summary>
/// <param name="Provider">Provider kind, with <c>/NAME</c> for an OpenAI-compatible server; null when not said.</param>
/// <param name="ModelId">Exact id.</param>
public sealed record ModelReference(string? Provider, string ModelId)
{
    /// <summary>Reads a name; the first part counts as a provider only when there is such a provider.</summary>
    public static ModelReference Parse(string text, IEnumerable<string> providers)
    {
        foreach (var provider in providers)
        {
            if (text.Length > provider.Length + 1 && text[provider.Length] == '/' && text.StartsWith(provider, StringComparison.Ordinal))
            {
                return new(provider, text[(provider.Length + 1)..]);
            }
        }

        return new(null, text);
    }

    /// <inheritdoc/>
    public override string ToString() => Provider is null ? ModelId : $"{Provider}/{ModelId}";
}
