using EdgeCoder.Inference.Llama.Binding;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Llama.Contexts;

/// <summary>
/// A model's working memory. Only the thread that made it may use it, except for <see cref="Abort"/>. Every call is checked first, because
/// the library answers a bad argument by ending the process, or by damage that shows later.
/// </summary>
internal sealed unsafe class LlamaContext : IDisposable
{
    private readonly LlamaModel _model;
    private readonly ContextHandle _handle;
    private readonly AbortFlag _abort = new();
    private readonly ComputeThreadPool? _pool;
    private readonly nint _memory;
    private readonly int _owner = Environment.CurrentManagedThreadId;
    private readonly int _poolThreads;
    private TokenBatch? _lastBatch;

    /// <exception cref="ModelException"><c>out_of_memory</c> or <c>model_file_invalid</c>.</exception>
    public LlamaContext(LlamaModel model, ContextOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ContextSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Sequences, 1);
        if (model.IsVocabularyOnly || !model.IsCausalDecoder)
        {
            throw new ModelException("model_file_invalid", "The model has no weights to run, or is not of the kind that generates text token by token.");
        }

        _model = model;
        LlamaLog.Clear();
        var parameters = NativeApi.llama_context_default_params();
        parameters.ContextSize = (uint)options.ContextSize;
        parameters.BatchSize = (uint)options.BatchSize;
        parameters.MicroBatchSize = (uint)Math.Min(options.BatchSize, 512);
        parameters.MaxSequences = (uint)options.Sequences;
        parameters.MaxOutputs = (uint)options.Sequences;
        parameters.Threads = parameters.BatchThreads = options.Threads;
        parameters.UnifiedCache = 1;
        parameters.FlashAttentionType = options.FusedAttention switch { null => -1, false => 0, true => 1 };
        parameters.AbortCallback = AbortFlag.Callback;
        parameters.AbortCallbackData = _abort.Address;
        var context = NativeApi.llama_init_from_model(model.Handle, parameters);
        if (context == 0)
        {
            _abort.Dispose();
            throw new ModelException("out_of_memory", $"llama.cpp cannot make a context of {options.ContextSize} tokens: {LlamaLog.RecentErrors()}", "Use a smaller model, or a smaller context.");
        }

        _handle = new ContextHandle(context, model.Handle);
        _memory = NativeApi.llama_get_memory(_handle);
        ContextSize = (int)NativeApi.llama_n_ctx(_handle);
        BatchSize = (int)NativeApi.llama_n_batch(_handle);
        Sequences = (int)NativeApi.llama_n_seq_max(_handle);
        _poolThreads = options.Threads;
        _pool = options.Threads > 1 ? ComputeThreadPool.Start(options.Threads) : null;
        if (_pool is not null)
        {
            NativeApi.llama_attach_threadpool(_handle, _pool.Address, 0);
        }
    }

    /// <summary>Tokens that fit, all sequences together; the library rounds the asked size up.</summary>
    public int ContextSize { get; }

    public int BatchSize { get; }

    public int Sequences { get; }

    /// <summary>Runs the model over the batch.</summary>
    /// <exception cref="ModelException"><c>inference_failed</c>: the cache's content is unknown afterwards, forget all sequences.</exception>
    public DecodeOutcome Decode(TokenBatch batch)
    {
        RequireOwner();
        ArgumentOutOfRangeException.ThrowIfZero(batch.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batch.Count, BatchSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batch.Outputs, Sequences);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(batch.LargestSequence, Sequences);
        _model.RequireToken(batch.LargestToken);
        _lastBatch = null;
        switch (NativeApi.llama_decode(_handle, batch.ToNative()))
        {
            case 0:
                _lastBatch = batch;
                return DecodeOutcome.Done;
            case 1:
                return DecodeOutcome.NoRoom;
            case 2:
                return DecodeOutcome.Aborted;
            case var error:
                throw new ModelException("inference_failed", $"llama.cpp stopped with error {error}: {LlamaLog.RecentErrors()}");
        }
    }

    /// <summary>Scores of all tokens after the token at this index of the last batch, which must have asked for them. Valid until the next <see cref="Decode"/>.</summary>
    public ReadOnlySpan<float> Logits(int index)
    {
        RequireOwner();
        if (_lastBatch is null || !_lastBatch.WantsLogits(index))
        {
            throw new InvalidOperationException($"Token {index} of the last batch did not ask for logits.");
        }

        var logits = NativeApi.llama_get_logits_ith(_handle, index);
        return logits is null
            ? throw new ModelException("inference_failed", "llama.cpp gave no logits.")
            : new ReadOnlySpan<float>(logits, _model.VocabularySize);
    }

    /// <summary>Forgets a sequence from a position on; from 0, all of it.</summary>
    public void Forget(int sequence, int from)
    {
        RequireOwner();
        RequireSequence(sequence);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        if (NativeApi.llama_memory_seq_rm(_memory, sequence, from, -1) == 0)
        {
            // Some caches can only forget all. The engine asks for the last position afterwards.
            NativeApi.llama_memory_seq_rm(_memory, sequence, -1, -1);
        }
    }

    /// <summary>Lets <paramref name="target"/>, which becomes nothing else, share the first tokens of <paramref name="source"/>. Copies no data.</summary>
    public void Share(int source, int target, int length)
    {
        RequireOwner();
        RequireSequence(source);
        RequireSequence(target);
        ArgumentOutOfRangeException.ThrowIfEqual(target, source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        NativeApi.llama_memory_seq_rm(_memory, target, -1, -1);
        NativeApi.llama_memory_seq_cp(_memory, source, target, 0, length);
    }

    /// <summary>Number of tokens that the cache holds of a sequence.</summary>
    public int Length(int sequence)
    {
        RequireOwner();
        RequireSequence(sequence);
        return NativeApi.llama_memory_seq_pos_max(_memory, sequence) + 1;
    }

    /// <summary>Computes the next steps with this many threads, at most as many as the context was made with.</summary>
    public void SetThreads(int threads)
    {
        RequireOwner();
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, _poolThreads);
        NativeApi.llama_set_n_threads(_handle, threads, threads);
    }

    /// <summary>Makes a running <see cref="Decode"/> stop between two graph nodes, and every later one, until <see cref="ClearAbort"/>. Any thread.</summary>
    public void Abort() => _abort.Set(true);

    /// <summary>Takes <see cref="Abort"/> back.</summary>
    public void ClearAbort() => _abort.Set(false);

    /// <summary>The order matters: the context lets go of the pool, then goes itself, then the pool, then what the callback reads.</summary>
    public void Dispose()
    {
        if (_handle.IsClosed)
        {
            return;
        }

        RequireOwner();
        if (_pool is not null)
        {
            NativeApi.llama_detach_threadpool(_handle);
        }

        _handle.Dispose();
        _pool?.Dispose();
        _abort.Dispose();
    }

    private void RequireSequence(int sequence)
    {
        // Out of range is accepted silently by a unified cache.
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sequence, Sequences);
    }

    private void RequireOwner()
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        if (Environment.CurrentManagedThreadId != _owner)
        {
            throw new InvalidOperationException("Only the thread that made the context may use it.");
        }
    }
}
