using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using EdgeCoder.Inference.Llama.Contexts;
using EdgeCoder.Inference.Llama.Sampling;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Llama.Batching;

/// <summary>
/// Runs many generations on one model. One thread owns the context; each of its rounds
/// 1. admits waiting requests to free slots, reusing the longest cached prefix,
/// 2. fills a batch with the next token of every running generation and a piece of the prompts still being read,
/// 3. runs the model over it, and
/// 4. chooses each generation's next token and passes its text on.
/// </summary>
/// <remarks>Requests are admitted in order, and only while the sum of what running ones may still need fits the cache: a generation that began is not pushed out.</remarks>
internal sealed class LlamaEngine : IDisposable
{
    private readonly LlamaModel _model;
    private readonly EngineOptions _options;
    private readonly Channel<Generation> _queue = Channel.CreateUnbounded<Generation>(new() { SingleReader = true });
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private readonly Slot[] _slots;
    private readonly Slot _kept;
    private readonly float[] _scratch;
    private LlamaContext? _context;
    private TokenBatch? _batch;
    private ThreadPolicy? _threads;
    private Generation? _waiting;
    private bool _stopping;
    private bool _decoding;
    private long _stepStartedAt;
    private long _steps;
    private long _uses;
    private int _cacheSize;
    private bool _forgetsIdle;

    private LlamaEngine(LlamaModel model, EngineOptions options)
    {
        _model = model;
        _options = options;
        _slots = [.. Enumerable.Range(0, options.Slots).Select(sequence => new Slot(sequence))];
        _kept = new Slot(options.Slots);
        _scratch = new float[model.VocabularySize];
        _thread = new Thread(Run) { IsBackground = true, Name = "llama" };
    }

    /// <summary>Tokens that prompt and answer of one request may have together.</summary>
    public int ContextSize { get; private set; }

    /// <summary>Threads that compute on a quiet machine.</summary>
    public int Threads { get; private set; }

    /// <summary>Steps made so far.</summary>
    public long Steps => Interlocked.Read(ref _steps);

    /// <summary>How long the running step has taken; zero between steps. A step that does not come back is a hang.</summary>
    public TimeSpan StepAge => Interlocked.Read(ref _stepStartedAt) is var start and > 0 ? Stopwatch.GetElapsedTime(start) : TimeSpan.Zero;

    /// <summary>Makes the context and starts the thread. The model stays the caller's, who frees it after the engine.</summary>
    /// <exception cref="ModelException"><c>out_of_memory</c> or <c>model_file_invalid</c>.</exception>
    public static LlamaEngine Start(LlamaModel model, EngineOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Slots, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PromptChunk, 1);
        var engine = new LlamaEngine(model, options);
        engine._thread.Start();
        engine._started.Task.GetAwaiter().GetResult();
        return engine;
    }

    /// <summary>Queues a request.</summary>
    /// <exception cref="ModelException"><c>context_length_exceeded</c> when prompt and answer cannot fit; <c>empty_prompt</c>.</exception>
    public Generation Submit(GenerationRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        var generation = new Generation(request, cancellationToken);
        if (!_queue.Writer.TryWrite(generation))
        {
            throw new ObjectDisposedException(nameof(LlamaEngine));
        }

        if (cancellationToken.CanBeCanceled)
        {
            var registration = cancellationToken.UnsafeRegister(static (state, _) => ((Action)state!)(), () => Cancel(generation));
            generation.Completion.ContinueWith(
                static (_, state) => ((CancellationTokenRegistration)state!).Unregister(), registration, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return generation;
    }

    /// <summary>Ends all generations and frees the context. Waits until a running step has noticed, at most <paramref name="patience"/>; false leaves a hung one behind.</summary>
    public bool Stop(TimeSpan patience)
    {
        lock (_gate)
        {
            _stopping = true;
            _context?.Abort();
        }

        _queue.Writer.TryComplete();
        return _thread.Join(patience);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop(Timeout.InfiniteTimeSpan);

        // The thread has closed both; said again, it does nothing.
        _batch?.Dispose();
        _context?.Dispose();
    }

    private void Check(GenerationRequest request)
    {
        if (request.Prompt.Length == 0)
        {
            throw new ModelException("empty_prompt", "There is nothing to answer.");
        }

        if (request.MaxTokens < 1 || (long)request.Prompt.Length + request.MaxTokens > ContextSize)
        {
            throw ContextLength.Exceeded(request.Prompt.Length, request.MaxTokens, ContextSize);
        }

        foreach (var token in request.Prompt)
        {
            _model.RequireToken(token);
        }
    }

    private void Cancel(Generation generation)
    {
        lock (_gate)
        {
            generation.IsCancelled = true;

            // Only a prompt is worth an interruption: a step that decodes is over before the flag is seen.
            if (_decoding && _slots.Any(slot => slot.Generation == generation && slot is { InBatch: > 1 }))
            {
                _context?.Abort();
            }
        }

        // Wakes an engine that waits for room, and cleans up a request that is still queued.
        _queue.Writer.TryWrite(generation);
    }

    private void Run()
    {
        try
        {
            Open();
            _started.SetResult();
        }
        catch (Exception error)
        {
            CloseContext();
            _started.SetException(error);
            return;
        }

        Exception? failure = null;
        try
        {
            while (Admit())
            {
                Step();
            }
        }
        catch (Exception error)
        {
            failure = error;
        }
        finally
        {
            _queue.Writer.TryComplete();
            EndAll(failure ?? new ModelException("model_unloaded", "The model was unloaded while it answered."));
            CloseContext();
        }
    }

    private void Open()
    {
        Threads = _options.Threads ?? ThreadPolicy.For(Environment.ProcessorCount, _model.ParameterCount);
        _threads = new ThreadPolicy(Threads);
        var (perToken, free) = (_model.CacheBytesPerToken(), _options.FreeMemoryBytes ?? FreeMemory.Bytes());
        var window = ContextBudget.Size(_options.ContextSize, _model.TrainedContext, perToken, free);
        var cache = _options.CacheSize ?? ContextBudget.Shared(window, _options.Slots, perToken, free);
        var batch = _options.PromptChunk + _options.Slots;
        var fused = AttentionPolicy.Fused(_model.KeyWidth, _model.Heads, cache, batch);

        // Plain attention works through every cell of the shared cache at every step, also those of conversations that rest.
        _forgetsIdle = fused == false;
        var context = new LlamaContext(_model, new()
        {
            ContextSize = cache,
            Sequences = _options.Slots + 1,
            BatchSize = batch,
            FusedAttention = fused,
            Threads = Threads,
        });
        _cacheSize = context.ContextSize;
        ContextSize = Math.Min(window, _cacheSize);
        _batch = new TokenBatch(Math.Min(batch, context.BatchSize));
        lock (_gate)
        {
            _context = context;
        }
    }

    /// <summary>Round, part 1. Waits when there is nothing to do; false when the engine is to stop.</summary>
    private bool Admit()
    {
        while (true)
        {
            DropCancelled();
            while (Next() is { } generation)
            {
                if (!TryPlace(generation))
                {
                    _waiting = generation;
                    break;
                }
            }

            if (Volatile.Read(ref _stopping))
            {
                return false;
            }

            if (_slots.Any(slot => slot.Generation is not null))
            {
                return true;
            }

            if (!_queue.Reader.WaitToReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())
            {
                return false;
            }
        }
    }

    private Generation? Next()
    {
        if (_waiting is { } waiting)
        {
            _waiting = null;
            return waiting;
        }

        while (_queue.Reader.TryRead(out var generation))
        {
            // A second entry only wakes the loop: see Cancel.
            if (!generation.Completion.IsCompleted && _slots.All(slot => slot.Generation != generation))
            {
                return generation;
            }
        }

        return null;
    }

    /// <summary>False when the request must wait for room.</summary>
    private bool TryPlace(Generation generation)
    {
        if (generation.Cancellation.IsCancellationRequested || generation.IsCancelled)
        {
            generation.Cancel();
            return true;
        }

        var request = generation.Request;
        var reserved = _slots.Where(slot => slot.Generation is not null).Sum(slot => slot.Generation!.Request.Prompt.Length + slot.Generation.Request.MaxTokens);
        if (_slots.All(slot => slot.Generation is not null) || reserved + request.Prompt.Length + request.MaxTokens > _cacheSize)
        {
            return false;
        }

        TokenSampler sampler;
        try
        {
            sampler = new TokenSampler(_model, request.Sampling);
        }
        catch (ModelException error)
        {
            generation.Fail(error);
            return true;
        }

        Place(generation, sampler);
        return true;
    }

    private void Place(Generation generation, TokenSampler sampler)
    {
        var request = generation.Request;
        var match = PrefixMatch.Find([.. _slots.Append(_kept).Select(AsCached)], request.Prompt, request.ReusePrefix);
        var slot = _slots[match.Target];
        if (match.Source != match.Target)
        {
            var source = match.Source == _kept.Sequence ? _kept : _slots[match.Source];
            _context!.Share(source.Sequence, slot.Sequence, match.Length);
            slot.Cached.Clear();
            slot.Cached.AddRange(source.Cached[..match.Length]);
        }
        else
        {
            Cut(slot, match.Length);
        }

        if (_forgetsIdle)
        {
            Array.ForEach(_slots, idle => CutIfIdle(idle, except: slot));
        }

        slot.Generation = generation;
        slot.Sampler = sampler;
        slot.Decoder = Encoding.UTF8.GetDecoder();
        slot.Stops = new StopScanner(request.Stop);
        slot.Probabilities = new LogProbabilities();
        slot.Reused = slot.Cached.Count;
        slot.LastUsed = ++_uses;
        slot.StartedAt = Stopwatch.GetTimestamp();
        slot.FirstTokenAt = 0;
    }

    private void CutIfIdle(Slot idle, Slot except)
    {
        if (idle != except && idle.Generation is null && idle.Cached.Count > 0)
        {
            Cut(idle, 0);
        }
    }

    private CachedSequence AsCached(Slot slot) => new(slot.Sequence, slot.Cached, slot.Generation is null && slot != _kept, slot.LastUsed);

    /// <summary>Round, parts 2 to 4.</summary>
    private void Step()
    {
        FillBatch();
        if (_batch!.Count == 0)
        {
            return;
        }

        DecodeOutcome outcome;
        try
        {
            outcome = Decode();
        }
        catch (ModelException error)
        {
            StartOver(error);
            return;
        }

        if (outcome == DecodeOutcome.Done)
        {
            KeepPrefixes();
            TakeOutputs();
            return;
        }

        RollBack();
        if (outcome == DecodeOutcome.NoRoom && !MakeRoom())
        {
            // The reservations should prevent this. The youngest goes, the others go on.
            var youngest = _slots.Where(slot => slot.Generation is not null).MaxBy(slot => slot.LastUsed)!;
            youngest.Generation!.Fail(new ModelException("kv_full", "The context has no room for another token.", "Ask for less at the same time, or use a larger context."));
            Cut(youngest, 0);
            Release(youngest);
        }
    }

    private void FillBatch()
    {
        _batch!.Clear();
        foreach (var slot in _slots)
        {
            (slot.Output, slot.InBatch) = (-1, 0);
            if (slot.Pending >= 0)
            {
                slot.Output = AddToBatch(slot, slot.Pending, wantsLogits: true);
            }
        }

        var room = Math.Min(_options.PromptChunk, _batch.Capacity - _batch.Count);
        foreach (var slot in _slots.Where(slot => slot.IsReadingPrompt).OrderBy(slot => slot.LastUsed))
        {
            var prompt = slot.Generation!.Request.Prompt;
            for (; room > 0 && slot.Cached.Count < prompt.Length; room--)
            {
                var isLast = slot.Cached.Count == prompt.Length - 1;
                var index = AddToBatch(slot, prompt[slot.Cached.Count], isLast);
                slot.Output = isLast ? index : -1;
            }
        }
    }

    private int AddToBatch(Slot slot, int token, bool wantsLogits)
    {
        var index = _batch!.Add(token, slot.Cached.Count, slot.Sequence, wantsLogits);
        slot.Cached.Add(token);
        slot.InBatch++;
        return index;
    }

    private DecodeOutcome Decode()
    {
        lock (_gate)
        {
            if (_stopping || _slots.Any(slot => slot is { InBatch: > 1, Generation.IsCancelled: true }))
            {
                return DecodeOutcome.Aborted;
            }

            _decoding = true;
        }

        var start = Stopwatch.GetTimestamp();
        Interlocked.Exchange(ref _stepStartedAt, start);
        try
        {
            return _context!.Decode(_batch!);
        }
        finally
        {
            Interlocked.Exchange(ref _stepStartedAt, 0);
            Interlocked.Increment(ref _steps);
            lock (_gate)
            {
                _decoding = false;
                if (!_stopping)
                {
                    _context!.ClearAbort();
                }
            }

            if (_threads!.Observe(_batch!.Count, Stopwatch.GetElapsedTime(start)))
            {
                _context!.SetThreads(_threads.Threads);
            }
        }
    }

    /// <summary>After a failed step nobody knows what the cache holds: those that were in it fail, and everything is forgotten.</summary>
    private void StartOver(ModelException error)
    {
        foreach (var slot in _slots.Append(_kept))
        {
            if (slot.Generation is { } generation)
            {
                generation.Fail(error);
                Release(slot);
            }

            Cut(slot, 0);
        }
    }

    /// <summary>After an abort part of the batch may be in the cache: what is really there is asked, and the rest of the batch forgotten.</summary>
    private void RollBack()
    {
        foreach (var slot in _slots.Where(slot => slot.InBatch > 0))
        {
            var before = slot.Cached.Count - slot.InBatch;
            Cut(slot, Math.Min(before, _context!.Length(slot.Sequence)));
        }
    }

    private void Cut(Slot slot, int length)
    {
        _context!.Forget(slot.Sequence, length);
        var left = Math.Min(length, _context.Length(slot.Sequence));
        if (left < length)
        {
            _context.Forget(slot.Sequence, 0);
            left = 0;
        }

        slot.Cached.RemoveRange(left, slot.Cached.Count - left);
    }

    /// <summary>Forgets what nobody uses now, the oldest first; false when there is nothing.</summary>
    private bool MakeRoom()
    {
        var oldest = _slots.Where(slot => slot.Generation is null && slot.Cached.Count > 0).MinBy(slot => slot.LastUsed)
            ?? (_kept.Cached.Count > 0 ? _kept : null);
        if (oldest is null)
        {
            return false;
        }

        Cut(oldest, 0);
        return true;
    }

    /// <summary>Once a system prompt has been read it stays as a sequence of its own, so that the next conversation begins behind it.</summary>
    private void KeepPrefixes()
    {
        foreach (var slot in _slots)
        {
            if (slot is not { InBatch: > 0, Generation.Request: { KeptPrefix: > 0 } request }
                || slot.Cached.Count < request.KeptPrefix
                || PrefixMatch.Common(_kept.Cached, request.Prompt) >= request.KeptPrefix)
            {
                continue;
            }

            _context!.Share(slot.Sequence, _kept.Sequence, request.KeptPrefix);
            _kept.Cached.Clear();
            _kept.Cached.AddRange(slot.Cached[..request.KeptPrefix]);
        }
    }

    private void TakeOutputs()
    {
        foreach (var slot in _slots)
        {
            if (slot.Output < 0)
            {
                continue;
            }

            try
            {
                TakeOutput(slot);
            }
            catch (ModelException error)
            {
                slot.Generation!.Fail(error);
                Release(slot);
            }
        }
    }

    private void TakeOutput(Slot slot)
    {
        var (generation, request) = (slot.Generation!, slot.Generation!.Request);
        slot.FirstTokenAt = slot.FirstTokenAt == 0 ? Stopwatch.GetTimestamp() : slot.FirstTokenAt;
        if (slot.Sampler!.Sample(_context!.Logits(slot.Output), _scratch) is not { } token)
        {
            Finish(slot, GenerationEnd.Stop);
            return;
        }

        slot.Probabilities.Add(token.LogProbability);
        if (_model.IsEndOfGeneration(token.Id) && !request.IgnoreEnd)
        {
            Finish(slot, GenerationEnd.Stop);
            return;
        }

        generation.Emit(slot.Stops!.Push(Text(slot, token.Id)));
        if (slot.Stops.Stopped)
        {
            Finish(slot, GenerationEnd.Stop);
        }
        else if (slot.Probabilities.Count >= request.MaxTokens)
        {
            Finish(slot, GenerationEnd.Length);
        }
        else
        {
            slot.Pending = token.Id;
        }
    }

    /// <summary>A token can be half a character; the decoder holds it back until the rest comes.</summary>
    private string Text(Slot slot, int token)
    {
        Span<byte> room = stackalloc byte[256];
        var length = _model.Piece(token, room, special: false);
        ReadOnlySpan<byte> bytes = length >= 0 ? room[..length] : _model.Piece(token);
        var characters = new char[slot.Decoder!.GetCharCount(bytes, flush: false)];
        return new string(characters, 0, slot.Decoder.GetChars(bytes, characters, flush: false));
    }

    private void Finish(Slot slot, GenerationEnd end)
    {
        var generation = slot.Generation!;
        generation.Emit(slot.Stops!.Finish());
        generation.Complete(new()
        {
            End = end,
            PromptTokens = generation.Request.Prompt.Length,
            ReusedTokens = slot.Reused,
            GeneratedTokens = slot.Probabilities.Count,
            MeanLogProbability = slot.Probabilities.Mean,
            WorstWindowLogProbability = slot.Probabilities.WorstWindow,
            Queued = Stopwatch.GetElapsedTime(generation.QueuedAt, slot.StartedAt),
            ToFirstToken = Stopwatch.GetElapsedTime(slot.StartedAt, slot.FirstTokenAt),
            Decoding = Stopwatch.GetElapsedTime(slot.FirstTokenAt),
        });
        Release(slot);
    }

    private void DropCancelled()
    {
        foreach (var slot in _slots)
        {
            if (slot.Generation is { } generation && (generation.IsCancelled || generation.Cancellation.IsCancellationRequested))
            {
                generation.Cancel();
                Release(slot);
            }
        }

        if (_waiting is { } waiting && (waiting.IsCancelled || waiting.Cancellation.IsCancellationRequested))
        {
            waiting.Cancel();
            _waiting = null;
        }
    }

    private void Release(Slot slot)
    {
        lock (_gate)
        {
            slot.Release();
        }
    }

    private void EndAll(Exception reason)
    {
        foreach (var slot in _slots)
        {
            slot.Generation?.Fail(reason);
            Release(slot);
        }

        _waiting?.Fail(reason);
        while (_queue.Reader.TryRead(out var generation))
        {
            generation.Fail(reason);
        }
    }

    private void CloseContext()
    {
        lock (_gate)
        {
            _batch?.Dispose();
            _context?.Dispose();
        }
    }
}
