using System.Runtime.InteropServices;

namespace EdgeCoder.Inference.Llama.Binding;

/// <summary><c>struct llama_sampler_chain_params</c>, 1 byte.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SamplerChainParameters
{
    public byte NoPerformanceTimers;
}
