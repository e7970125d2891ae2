using System.Runtime.InteropServices;

namespace EdgeCoder.Inference.Llama.Binding;

/// <summary><c>struct llama_batch</c>, 56 bytes. The arrays live in native memory, see <see cref="TokenBatch"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Batch
{
    public int TokenCount;
    public int* Tokens;
    public float* Embeddings;
    public int* Positions;
    public int* SequenceCounts;
    public int** SequenceIds;
    public sbyte* WantsLogits;
}
