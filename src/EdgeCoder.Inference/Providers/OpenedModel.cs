using EdgeCoder.Protocol.Sessions;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Providers;

/// <summary>Where a model's computer stands.</summary>
public enum ModelReach
{
    /// <summary>This machine.</summary>
    ThisMachine,

    /// <summary>A machine that the operator labelled as the team's.</summary>
    Team,

    /// <summary>Anywhere else.</summary>
    External,
}

/// <summary>Whether a provider can serve, and why not.</summary>
public sealed record ProviderHealth(bool Ok, string Reason);

/// <summary>A model that a provider has.</summary>
public sealed record InstalledModel
{
    /// <summary>Exact id.</summary>
    public required string ModelId { get; init; }

    /// <summary>Provider kind.</summary>
    public required string Provider { get; init; }

    /// <summary>Number of parameters as people write it, for instance <c>1.5B</c>.</summary>
    public string? ParamSize { get; init; }

    /// <summary>Quantization, for instance <c>Q4_K_M</c>.</summary>
    public string? Quantization { get; init; }

    /// <summary><c>sha256:…</c>, or <c>unpinned</c>.</summary>
    public required string Digest { get; init; }

    /// <summary>Size of its weights, in bytes, where known.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Where it runs.</summary>
    public ModelReach Reach { get; init; } = ModelReach.ThisMachine;

    /// <summary>Window, in tokens, that the operator stated for a server which names no digest; absent where it is to be proven.</summary>
    public int? StatedContext { get; init; }

    /// <summary>What its preflights are remembered by, where that is not <see cref="Digest"/>: the place of a model whose server names no digest.</summary>
    public string? PreflightKey { get; init; }
}

/// <summary>Counts the tokens of a text with the model's own tokenizer, or an upper estimate where there is none.</summary>
public delegate ValueTask<int> TokenCounter(string text, CancellationToken cancellationToken);

/// <summary>What a preflight is remembered by; a change of any part asks for a new one.</summary>
/// <param name="Model">Digest of the weights, or address and id of a model whose server names no digest.</param>
/// <param name="Provider">Provider and version.</param>
/// <param name="Settings">Settings that change what it proves.</param>
public sealed record PreflightSubject(string Model, string Provider, string Settings);

/// <summary>A model that answers now. Disposing it gives its memory back.</summary>
public sealed class OpenedModel(Func<ValueTask> close) : IAsyncDisposable
{
    private Func<ValueTask>? _close = close;

    /// <summary>The client.</summary>
    public required IChatClient Client { get; init; }

    /// <summary>Who answers.</summary>
    public required ModelIdentity Identity { get; init; }

    /// <summary>Where it answers.</summary>
    public required ModelReach Reach { get; init; }

    /// <summary>Context window, in tokens, that may be used: proven, stated by the operator, or the configured one of a local file.</summary>
    public required int Window { get; init; }

    /// <summary>Token counter.</summary>
    public required TokenCounter CountTokens { get; init; }

    /// <summary>Whether <see cref="CountTokens"/> is the model's own tokenizer, so that counts must agree exactly.</summary>
    public bool CountsExactly { get; init; }

    /// <summary>Whether it thinks before it answers unless it is told not to.</summary>
    public bool Thinks { get; init; }

    /// <summary>Whether its provider takes tools and answers with calls of its own form.</summary>
    public bool CallsTools { get; init; }

    /// <summary>Whether its provider holds it to a JSON schema.</summary>
    public bool ObeysJsonSchema { get; init; }

    /// <summary>Goes on with texts and fills gaps; null where its provider cannot.</summary>
    public TextCompleter? CompleteText { get; init; }

    /// <summary>
    /// What a preflight of this model is remembered by. Absent when <see cref="Window"/> needs no proof: the operator stated it, or our own
    /// engine made a context of exactly that size and refuses what does not fit.
    /// </summary>
    public PreflightSubject? Preflight { get; init; }

    /// <summary>What is known of it is remembered by this.</summary>
    internal PreflightSubject Subject => Preflight ?? new(Identity.Digest ?? ProviderDigest.Unpinned, Identity.Provider, $"window={Window}");

    /// <summary>Whether this is the small demonstration model that ships with the program. Its prompts are short and every answer must say so.</summary>
    public bool IsDemonstration { get; init; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _close, null) is { } close)
        {
            Client.Dispose();
            await close().ConfigureAwait(false);
        }
    }
}
