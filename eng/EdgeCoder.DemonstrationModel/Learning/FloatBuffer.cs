using System.Runtime.InteropServices;

namespace EdgeCoder.Training.Learning;

/// <summary>Zeroed floats outside the managed heap, on a boundary of 64 bytes, as the vector kernels want them.</summary>
internal sealed unsafe class FloatBuffer : IDisposable
{
    /// <summary>Allocates <paramref name="length"/> floats.</summary>
    public FloatBuffer(long length)
    {
        Length = length;
        Pointer = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(16, length) * sizeof(float), 64);
        Clear();
    }

    /// <summary>Releases the memory when <see cref="Dispose"/> was not called.</summary>
    ~FloatBuffer() => Free();

    /// <summary>Number of floats.</summary>
    public long Length { get; }

    /// <summary>First float; invalid after disposal.</summary>
    public float* Pointer { get; private set; }

    /// <summary>All floats.</summary>
    public Span<float> Span => new(Pointer, checked((int)Length));

    /// <summary>Sets all floats to zero.</summary>
    public void Clear() => NativeMemory.Clear(Pointer, (nuint)Length * sizeof(float));

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
