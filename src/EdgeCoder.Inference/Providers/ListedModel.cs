using EdgeCoder.Agent.Calls;
using EdgeCoder.Protocol.Tokens;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Preflight;

namespace EdgeCoder.Inference.Providers;

/// <summary>One line of <c>models list</c>.</summary>
public sealed record ListedModel
{
    /// <summary>Exact id.</summary>
    public required string ModelId { get; init; }

    /// <summary>Provider that has it, or would have it.</summary>
    public required string Provider { get; init; }

    /// <summary>Whether it can be used now; otherwise it is an entry of the catalogue.</summary>
    public required bool Installed { get; init; }

    /// <summary>Whether it is the active model; true for at most one.</summary>
    public required bool Active { get; init; }

    /// <summary>Number of parameters as people write it.</summary>
    public string? ParamSize { get; init; }

    /// <summary>Quantization.</summary>
    public string? Quantization { get; init; }

    /// <summary>Digest, or <c>unpinned</c>.</summary>
    public required string Digest { get; init; }

    /// <summary>Size of its weights, in bytes.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Licence, where known.</summary>
    public string? License { get; init; }

    /// <summary>Window, in tokens, that a preflight proved; absent when none did.</summary>
    public int? ProvenContext { get; init; }

    /// <summary>How its server counts tokens, as a preflight measured it; absent where nothing was measured or its tokenizer is here.</summary>
    public TokenEstimate? Estimate { get; init; }

    /// <summary>How fast it works, as a preflight measured it; absent where nothing was measured.</summary>
    public ModelSpeed? Speed { get; init; }

    /// <summary>Where it runs.</summary>
    public required ModelReach Reach { get; init; }

    /// <summary>Whether it fills in the middle.</summary>
    public bool Fim { get; init; }

    /// <summary>Whether it gives embeddings.</summary>
    public bool Embeddings { get; init; }

    /// <summary>What its last preflight saw that it can do; absent when none looked.</summary>
    public AbilityReport? Abilities { get; init; }

    /// <summary>When it came here, epoch milliseconds; absent when not known.</summary>
    public long? AddedAtMs { get; init; }

    /// <summary>A word for the person: whether it fits this machine, or what its licence forbids.</summary>
    public string? Note { get; init; }

    /// <summary>A model that can be used now.</summary>
    internal static ListedModel Of(InstalledModel model) => new()
    {
        ModelId = model.ModelId,
        Provider = model.Provider,
        Installed = true,
        Active = false,
        ParamSize = model.ParamSize,
        Quantization = model.Quantization,
        Digest = model.Digest,
        SizeBytes = model.SizeBytes,
        Reach = model.Reach,
    };

    /// <summary>The same with what the store knows of it.</summary>
    internal ListedModel With(StoredModel? stored) => stored is null ? this : this with { License = stored.License, Fim = stored.Fim, Embeddings = stored.Embeddings, AddedAtMs = stored.AddedAtMs };

    /// <summary>A model that can be pulled.</summary>
    internal static ListedModel Of(CatalogueEntry entry, int machineMemoryMB) => new()
    {
        ModelId = entry.ModelId,
        Provider = ProviderKinds.Local,
        Installed = false,
        Active = false,
        ParamSize = entry.ParamSize,
        Quantization = entry.Quantization,
        Digest = entry.ChecksumSha256.ToString(),
        SizeBytes = entry.FileSizeBytes,
        License = entry.License,
        Fim = entry.Fim,
        Embeddings = entry.Embeddings,
        Reach = ModelReach.ThisMachine,
        Note = entry.FitNote(machineMemoryMB),
    };
}
