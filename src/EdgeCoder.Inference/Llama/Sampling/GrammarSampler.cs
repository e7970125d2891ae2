using EdgeCoder.Inference.Llama.Binding;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Llama.Sampling;

/// <summary>Where a text stands in its grammar.</summary>
internal sealed unsafe class GrammarSampler : IDisposable
{
    /// <summary>Larger grammars are refused: the library's parser calls itself for every bracket.</summary>
    private const int LargestGrammar = 256 * 1024;

    private const int DeepestNesting = 200;

    private readonly SamplerHandle _handle;

    /// <exception cref="ModelException"><c>invalid_grammar</c>.</exception>
    public GrammarSampler(LlamaModel model, string grammar)
    {
        if (grammar.Length > LargestGrammar || Nesting(grammar) > DeepestNesting)
        {
            throw Invalid("it is too large or too deeply nested");
        }

        if (string.IsNullOrWhiteSpace(grammar) || grammar.Contains('\0', StringComparison.Ordinal))
        {
            throw Invalid("it is empty or holds a null character");
        }

        using var hold = new HandleHold(model.Handle);
        var sampler = NativeApi.llama_sampler_init_grammar(model.Vocabulary, grammar, "root");
        if (sampler == 0)
        {
            throw Invalid("it does not parse, or lacks the rule root");
        }

        _handle = new SamplerHandle(sampler, model.Handle);
    }

    /// <summary>Whether the grammar lets this token come next.</summary>
    public bool Allows(int token)
    {
        TokenData candidate = new() { Id = token, Logit = 1 };
        TokenDataArray array = new() { Data = &candidate, Size = 1, Selected = -1 };
        NativeApi.llama_sampler_apply(_handle, &array);
        return !float.IsNegativeInfinity(candidate.Logit);
    }

    /// <summary>Gives every token that may not come next the score minus infinity.</summary>
    public void Filter(TokenDataArray* candidates) => NativeApi.llama_sampler_apply(_handle, candidates);

    /// <summary>Moves on. The token must be allowed: the library ends the process otherwise.</summary>
    public void Accept(int token) => NativeApi.llama_sampler_accept(_handle, token);

    public void Dispose() => _handle.Dispose();

    private static int Nesting(string grammar)
    {
        int depth = 0, deepest = 0;
        foreach (var character in grammar)
        {
            depth += character == '(' ? 1 : character == ')' ? -1 : 0;
            deepest = Math.Max(deepest, depth);
        }

        return deepest;
    }

    private static ModelException Invalid(string why) => new("invalid_grammar", $"The grammar cannot be used: {why}.");
}
