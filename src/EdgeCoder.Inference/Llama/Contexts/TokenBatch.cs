using System.Runtime.InteropServices;
using EdgeCoder.Inference.Llama.Binding;

namespace EdgeCoder.Inference.Llama.Contexts;

/// <summary>Tokens of one step. The arrays are native memory, so nothing has to be pinned while the library reads them.</summary>
internal sealed unsafe class TokenBatch : IDisposable
{
    private readonly int* _tokens;
    private readonly int* _positions;
    private readonly int* _sequenceCounts;
    private readonly int* _sequences;
    private readonly int** _sequencePointers;
    private readonly sbyte* _wantsLogits;
    private bool _disposed;

    public TokenBatch(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        Capacity = capacity;
        _tokens = (int*)NativeMemory.AllocZeroed((nuint)capacity, sizeof(int));
        _positions = (int*)NativeMemory.AllocZeroed((nuint)capacity, sizeof(int));
        _sequenceCounts = (int*)NativeMemory.AllocZeroed((nuint)capacity, sizeof(int));
        _sequences = (int*)NativeMemory.AllocZeroed((nuint)capacity, sizeof(int));
        _wantsLogits = (sbyte*)NativeMemory.AllocZeroed((nuint)capacity, sizeof(sbyte));
        _sequencePointers = (int**)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(nint));
        for (var i = 0; i < capacity; i++)
        {
            _sequencePointers[i] = _sequences + i;
            _sequenceCounts[i] = 1;
        }
    }

    ~TokenBatch() => Free();

    public int Capacity { get; }

    public int Count { get; private set; }

    /// <summary>How many of the tokens want logits.</summary>
    public int Outputs { get; private set; }

    /// <summary>Largest sequence id in it, -1 when empty.</summary>
    public int LargestSequence { get; private set; } = -1;

    /// <summary>Largest token id in it, -1 when empty.</summary>
    public int LargestToken { get; private set; } = -1;

    public void Clear()
    {
        Count = 0;
        Outputs = 0;
        LargestSequence = -1;
        LargestToken = -1;
    }

    /// <summary>Adds a token and gives its index, by which its logits are read.</summary>
    public int Add(int token, int position, int sequence, bool wantsLogits)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        if (Count == Capacity)
        {
            throw new InvalidOperationException($"The batch takes {Capacity} tokens.");
        }

        var index = Count++;
        _tokens[index] = token;
        _positions[index] = position;
        _sequences[index] = sequence;
        _wantsLogits[index] = wantsLogits ? (sbyte)1 : (sbyte)0;
        Outputs += wantsLogits ? 1 : 0;
        LargestSequence = Math.Max(LargestSequence, sequence);
        LargestToken = Math.Max(LargestToken, token);
        return index;
    }

    public bool WantsLogits(int index) => index >= 0 && index < Count && _wantsLogits[index] != 0;

    public Batch ToNative()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new()
        {
            TokenCount = Count,
            Tokens = _tokens,
            Positions = _positions,
            SequenceCounts = _sequenceCounts,
            SequenceIds = _sequencePointers,
            WantsLogits = _wantsLogits,
        };
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        NativeMemory.Free(_tokens);
        NativeMemory.Free(_positions);
        NativeMemory.Free(_sequenceCounts);
        NativeMemory.Free(_sequences);
        NativeMemory.Free(_wantsLogits);
        NativeMemory.Free(_sequencePointers);
    }
}
