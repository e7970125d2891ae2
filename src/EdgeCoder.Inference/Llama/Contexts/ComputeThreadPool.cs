using EdgeCoder.Inference.Llama.Binding;

namespace EdgeCoder.Inference.Llama.Contexts;

/// <summary>ggml's threads, kept between steps. Without a pool they are started and joined for every graph, that is for every token.</summary>
internal sealed unsafe class ComputeThreadPool : IDisposable
{
    /// <summary>How long idle threads spin before they sleep, of 100. A step of a small model is shorter than waking a thread.</summary>
    private const uint Poll = 50;

    private readonly delegate* unmanaged[Cdecl]<nint, void> _free;
    private nint _pool;

    private ComputeThreadPool(nint pool, delegate* unmanaged[Cdecl]<nint, void> free)
    {
        _pool = pool;
        _free = free;
    }

    public nint Address => _pool;

    /// <summary>Starts the threads; null where the CPU back-end has no pools.</summary>
    public static ComputeThreadPool? Start(int threads)
    {
        // The functions live in the back-end that was picked at run time, so they are asked for by name.
        var registration = NativeApi.ggml_backend_dev_backend_reg(NativeApi.ggml_backend_dev_by_type(NativeApi.CpuDevice));
        var make = (delegate* unmanaged[Cdecl]<ThreadPoolParameters*, nint>)NativeApi.ggml_backend_reg_get_proc_address(registration, "ggml_threadpool_new");
        var free = (delegate* unmanaged[Cdecl]<nint, void>)NativeApi.ggml_backend_reg_get_proc_address(registration, "ggml_threadpool_free");
        if (make is null || free is null)
        {
            return null;
        }

        ThreadPoolParameters parameters;
        NativeApi.ggml_threadpool_params_init(&parameters, threads);
        parameters.Poll = Poll;
        var pool = make(&parameters);
        return pool == 0 ? null : new(pool, free);
    }

    /// <summary>Stops the threads. The context that uses them must be freed before.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _pool, 0) is var pool && pool != 0)
        {
            _free(pool);
        }
    }
}
