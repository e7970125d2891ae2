namespace EdgeCoder.Inference.Llama.Binding;

/// <summary>Compares our structs with the library that is loaded: sizes, and default values that only come out right when every offset is right.</summary>
internal static unsafe class AbiCheck
{
    /// <summary>What differs first, or null when nothing does.</summary>
    public static string? FirstDifference() =>
        FirstSizeDifference()
        ?? FirstModelDifference(NativeApi.llama_model_default_params())
        ?? FirstContextDifference(NativeApi.llama_context_default_params())
        ?? FirstThreadPoolDifference();

    private static string? FirstSizeDifference() =>
        sizeof(ModelParameters) != 80 ? "llama_model_params has 80 bytes"
        : sizeof(ContextParameters) != 160 ? "llama_context_params has 160 bytes"
        : sizeof(Batch) != 56 ? "llama_batch has 56 bytes"
        : sizeof(TokenData) != 12 ? "llama_token_data has 12 bytes"
        : sizeof(TokenDataArray) != 32 ? "llama_token_data_array has 32 bytes"
        : sizeof(SamplerChainParameters) != 1 ? "llama_sampler_chain_params has 1 byte"
        : sizeof(ThreadPoolParameters) != 528 ? "ggml_threadpool_params has 528 bytes"
        : null;

    /// <summary>Default values of <c>llama_model_default_params()</c>.</summary>
    public static string? FirstModelDifference(in ModelParameters p) =>
        p is { GpuLayers: -1, SplitMode: 1, LoadMode: LoadMode.Auto, LazyMode: 1, MainGpu: 0 }
            and { VocabularyOnly: 0, CheckTensors: 0, UseExtraBufferTypes: 1, NoHost: 0, NoAllocation: 0 }
            ? null
            : "default values of llama_model_params";

    /// <summary>Default values of <c>llama_context_default_params()</c>.</summary>
    public static string? FirstContextDifference(in ContextParameters p) =>
        p is { ContextSize: 512, BatchSize: 2048, MicroBatchSize: 512, MaxSequences: 1, Threads: 4, BatchThreads: 4 }
            and { FlashAttentionType: -1, YarnExtensionFactor: -1f, DefragmentationThreshold: -1f, KeyType: 1, ValueType: 1 }
            and { Embeddings: 0, OffloadKeysAndValues: 1, NoPerformanceTimers: 1, OffloadOperations: 1, FullSlidingWindow: 1, UnifiedCache: 0, SamplerCount: 0 }
            ? null
            : "default values of llama_context_params";

    // The struct is filled through a pointer, so a shorter one of ours would be overrun: room is left behind it.
    private static string? FirstThreadPoolDifference()
    {
        var room = stackalloc ThreadPoolParameters[2];
        NativeApi.ggml_threadpool_params_init(room, 3);
        return room->Threads == 3 && room->Poll <= 100 ? null : "default values of ggml_threadpool_params";
    }
}
