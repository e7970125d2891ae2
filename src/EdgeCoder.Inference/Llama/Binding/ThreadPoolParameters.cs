using System.Runtime.InteropServices;

namespace EdgeCoder.Inference.Llama.Binding;

/// <summary><c>struct ggml_threadpool_params</c>, 528 bytes: a mask of 512 processors, then five fields.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ThreadPoolParameters
{
    public fixed byte ProcessorMask[512];
    public int Threads;
    public int Priority;

    /// <summary>0 sleeps at once when there is no work, 100 spins longest.</summary>
    public uint Poll;
    public byte StrictPlacement;
    public byte Paused;
}
