using System.Runtime.Intrinsics;

namespace EdgeCoder.Training.Learning;

/// <summary>Width of the vectors that <see cref="MatrixMultiply"/> computes with.</summary>
internal enum TileKernel
{
    /// <summary>One float at a time: every processor.</summary>
    Scalar,

    /// <summary>Eight floats at a time.</summary>
    Vector256,

    /// <summary>Sixteen floats at a time.</summary>
    Vector512,
}

/// <summary>Chooses a kernel.</summary>
internal static class TileKernels
{
    /// <summary>The widest that this processor has.</summary>
    public static TileKernel Widest =>
        Vector512.IsHardwareAccelerated ? TileKernel.Vector512 : Vector256.IsHardwareAccelerated ? TileKernel.Vector256 : TileKernel.Scalar;
}
