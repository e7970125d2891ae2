using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EdgeCoder.Inference.Llama.Binding;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Llama.Sampling;

/// <summary>
/// Chooses tokens for one text. With a grammar the choice is made first and only this one token is checked; the whole vocabulary is filtered,
/// which costs as much as a step of a small model, only when the grammar refuses it.
/// </summary>
internal sealed unsafe class TokenSampler : IDisposable
{
    private readonly LlamaModel _model;
    private readonly GrammarSampler? _grammar;
    private readonly SamplerHandle? _chain;
    private TokenData* _candidates;

    /// <exception cref="ModelException"><c>invalid_grammar</c>.</exception>
    public TokenSampler(LlamaModel model, SamplingOptions options)
    {
        _model = model;
        _grammar = options.Grammar is null ? null : new GrammarSampler(model, options.Grammar);
        _chain = options.Temperature > 0 ? MakeChain(model, options) : null;
    }

    ~TokenSampler() => NativeMemory.Free(_candidates);

    /// <summary>How often the grammar refused the first choice.</summary>
    public int Refusals { get; private set; }

    /// <summary>Chooses from the scores; null when the grammar lets no token come next, not even an end.</summary>
    /// <param name="logits">Score of every token of the vocabulary.</param>
    /// <param name="scratch">Room for as many numbers.</param>
    /// <exception cref="ModelException"><c>inference_failed</c> when the scores are not numbers.</exception>
    public SampledToken? Sample(ReadOnlySpan<float> logits, Span<float> scratch)
    {
        var normalizer = LogProbabilities.Normalizer(logits, scratch);
        if (!double.IsFinite(normalizer))
        {
            throw new ModelException("inference_failed", "The model gave scores that are not numbers; its file is damaged or its quantization is unfit.");
        }

        var token = Choose(logits, filtered: false);
        if (_grammar is not null && !_grammar.Allows(token))
        {
            Refusals++;
            token = Choose(logits, filtered: true);
            if (token < 0)
            {
                return null;
            }
        }

        // After an end nothing is checked any more.
        if (_grammar is not null && !_model.IsEndOfGeneration(token))
        {
            _grammar.Accept(token);
        }

        return new(token, logits[token] - normalizer);
    }

    public void Dispose()
    {
        _grammar?.Dispose();
        _chain?.Dispose();
        NativeMemory.Free(_candidates);
        _candidates = null;
        GC.SuppressFinalize(this);
    }

    private static SamplerHandle MakeChain(LlamaModel model, SamplingOptions options)
    {
        var chain = new SamplerHandle(NativeApi.llama_sampler_chain_init(NativeApi.llama_sampler_chain_default_params()), model.Handle);
        if (options.TopK > 0)
        {
            NativeApi.llama_sampler_chain_add(chain, NativeApi.llama_sampler_init_top_k(options.TopK));
        }

        if (options.TopP < 1)
        {
            NativeApi.llama_sampler_chain_add(chain, NativeApi.llama_sampler_init_top_p(options.TopP, 1));
        }

        NativeApi.llama_sampler_chain_add(chain, NativeApi.llama_sampler_init_temp(options.Temperature));
        NativeApi.llama_sampler_chain_add(chain, NativeApi.llama_sampler_init_dist(options.Seed));
        return chain;
    }

    private int Choose(ReadOnlySpan<float> logits, bool filtered)
    {
        if (_chain is null && !filtered)
        {
            return TensorPrimitives.IndexOfMax(logits);
        }

        var candidates = Candidates(logits);
        TokenDataArray array = new() { Data = candidates, Size = (nuint)logits.Length, Selected = -1 };
        if (filtered)
        {
            _grammar!.Filter(&array);
            if (!KeepAllowed(&array))
            {
                return -1;
            }
        }

        if (_chain is null)
        {
            return Likeliest(array);
        }

        NativeApi.llama_sampler_apply(_chain, &array);
        return array.Selected >= 0 && (nuint)array.Selected < array.Size ? array.Data[array.Selected].Id : Likeliest(array);
    }

    private TokenData* Candidates(ReadOnlySpan<float> logits)
    {
        if (_candidates is null)
        {
            _candidates = (TokenData*)NativeMemory.Alloc((nuint)logits.Length, (nuint)sizeof(TokenData));
        }

        for (var i = 0; i < logits.Length; i++)
        {
            _candidates[i] = new() { Id = i, Logit = logits[i] };
        }

        return _candidates;
    }

    // Refused tokens are taken out: a sampler behind must not draw one.
    private static bool KeepAllowed(TokenDataArray* array)
    {
        nuint kept = 0;
        for (nuint i = 0; i < array->Size; i++)
        {
            if (!float.IsNegativeInfinity(array->Data[i].Logit))
            {
                array->Data[kept++] = array->Data[i];
            }
        }

        array->Size = kept;
        return kept > 0;
    }

    private static int Likeliest(in TokenDataArray array)
    {
        var best = 0;
        for (var i = 1; i < (int)array.Size; i++)
        {
            if (array.Data[i].Logit > array.Data[best].Logit)
            {
                best = i;
            }
        }

        return array.Data[best].Id;
    }
}
