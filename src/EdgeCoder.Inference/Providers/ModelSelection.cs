namespace EdgeCoder.Inference.Providers;

/// <summary>Which model is meant, and why, in words for the person. No model is ever taken in place of one that was named.</summary>
internal static class ModelSelection
{
    /// <summary>
    /// The model that somebody named: in the request, by the session, by the project, for the role, or as the active one; in this order.
    /// Null when nobody did.
    /// </summary>
    public static NamedModel? Named(ModelRequest request, ModelSettings settings, ModelChoice? active)
    {
        var role = request.Role.ToString().ToLowerInvariant();
        return request.Model is { } asked ? new(asked, null, "named in the request")
            : request.SessionModel is { } session ? new(session, null, "the session's model")
            : request.ProjectModel is { } project ? new(project, null, "the project's model")
            : settings.Roles.TryGetValue(request.Role, out var ofRole) ? new(ofRole, null, $"set for the role {role}")
            : active is not null ? new(active.ModelId, active.Provider, "the active model (edgecoder models use)")
            : null;
    }

    /// <summary>
    /// One of the models that are there when nobody named one: those made for code first, then in the order given. Models for embeddings and
    /// the demonstration model are no candidates. Null when there is none.
    /// </summary>
    public static FoundModel? AmongFound(IReadOnlyList<InstalledModel> found)
    {
        var usable = found.Where(model => !IsForEmbeddings(model.ModelId) && model.ModelId != ModelHub.DemonstrationId).ToList();
        var chosen = usable.FirstOrDefault(model => IsForCode(model.ModelId)) ?? (usable.Count > 0 ? usable[0] : null);
        return chosen is null ? null : new(
            chosen,
            usable.Count == 1 ? "the only model found" : $"one of {usable.Count} models found; choose one yourself with edgecoder models use <id>");
    }

    private static bool IsForCode(string id) => id.Contains("code", StringComparison.OrdinalIgnoreCase) || id.Contains("codestral", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether an id tells of a model made for embeddings.</summary>
    public static bool IsForEmbeddings(string id) => id.Contains("embed", StringComparison.OrdinalIgnoreCase) || id.StartsWith("bge-", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A model that somebody named.</summary>
/// <param name="Text">As named.</param>
/// <param name="Provider">Its provider, where it was kept with it.</param>
/// <param name="Why">Who named it, for the person.</param>
internal sealed record NamedModel(string Text, string? Provider, string Why);

/// <summary>A model that was found.</summary>
/// <param name="Model">The model.</param>
/// <param name="Why">Why this one, for the person.</param>
internal sealed record FoundModel(InstalledModel Model, string Why);
