using System.Numerics.Tensors;

namespace EdgeCoder.Training.Learning;

/// <summary>y = gain × x / sqrt(mean(x²) + epsilon), row by row. Source: Zhang and Sennrich, Root Mean Square Layer Normalization, 2019.</summary>
internal static unsafe class RootMeanSquareNorm
{
    /// <summary>Computes the rows and keeps each row's inverse root for the way back.</summary>
    public static void Forward(float* x, float* gain, float* y, float* inverseRoots, int rows, int width, float epsilon)
    {
        var gains = new ReadOnlySpan<float>(gain, width);
        for (var row = 0; row < rows; row++)
        {
            var from = new ReadOnlySpan<float>(x + ((long)row * width), width);
            var to = new Span<float>(y + ((long)row * width), width);
            var inverse = 1 / MathF.Sqrt((TensorPrimitives.SumOfSquares(from) / width) + epsilon);
            inverseRoots[row] = inverse;
            TensorPrimitives.Multiply(from, inverse, to);
            TensorPrimitives.Multiply(to, gains, to);
        }
    }

    /// <summary>Adds the gradient to <paramref name="dx"/> and the gain's gradient to <paramref name="dGain"/>. <paramref name="scratch"/> holds one row.</summary>
    public static void Backward(float* x, float* gain, float* inverseRoots, float* dy, float* dx, float* dGain, float* scratch, int rows, int width)
    {
        var gains = new ReadOnlySpan<float>(gain, width);
        var gainGradient = new Span<float>(dGain, width);
        var product = new Span<float>(scratch, width);
        for (var row = 0; row < rows; row++)
        {
            var input = new ReadOnlySpan<float>(x + ((long)row * width), width);
            var above = new ReadOnlySpan<float>(dy + ((long)row * width), width);
            var below = new Span<float>(dx + ((long)row * width), width);
            var inverse = inverseRoots[row];

            TensorPrimitives.Multiply(above, input, product);
            TensorPrimitives.MultiplyAdd(product, inverse, gainGradient, gainGradient);
            var dot = TensorPrimitives.Dot(product, gains);

            TensorPrimitives.Multiply(above, gains, product);
            TensorPrimitives.MultiplyAdd(product, inverse, below, below);
            TensorPrimitives.MultiplyAdd(input, -dot * inverse * inverse * inverse / width, below, below);
        }
    }
}
