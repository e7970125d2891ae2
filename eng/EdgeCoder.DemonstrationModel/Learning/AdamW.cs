using System.Numerics.Tensors;

namespace EdgeCoder.Training.Learning;

/// <summary>Adam with decoupled weight decay and a bound on the gradient's length. Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019.</summary>
internal sealed class AdamW(Parameters parameters) : IDisposable
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.95f;
    private const float Epsilon = 1e-8f;
    private const float WeightDecay = 0.05f;
    private const float LongestGradient = 1;

    private readonly FloatBuffer _mean = new(parameters.Values.Length);
    private readonly FloatBuffer _square = new(parameters.Values.Length);
    private readonly float[] _scratch = new float[parameters.Tensors.Max(tensor => tensor.Length)];
    private readonly float[] _step = new float[parameters.Tensors.Max(tensor => tensor.Length)];
    private int _steps;

    /// <summary>Moves the parameters against the gradients, which are scaled in place.</summary>
    /// <param name="gradients">Gradients, laid out as the parameters.</param>
    /// <param name="rate">Learning rate.</param>
    public void Step(FloatBuffer gradients, double rate)
    {
        _steps++;
        var length = TensorPrimitives.Norm<float>(gradients.Span);
        var clip = length > LongestGradient ? LongestGradient / length : 1;
        var unbias1 = (float)(1 / (1 - Math.Pow(Beta1, _steps)));
        var unbias2 = (float)(1 / (1 - Math.Pow(Beta2, _steps)));
        foreach (var tensor in parameters.Tensors)
        {
            var range = new Range((int)tensor.Offset, (int)(tensor.Offset + tensor.Length));
            Span<float> gradient = gradients.Span[range], mean = _mean.Span[range], square = _square.Span[range], value = parameters.Values.Span[range];
            Span<float> scratch = _scratch.AsSpan(0, value.Length), step = _step.AsSpan(0, value.Length);

            // 1. Running mean and mean square of the clipped gradient.
            TensorPrimitives.Multiply(gradient, clip * (1 - Beta1), scratch);
            TensorPrimitives.MultiplyAdd(mean, Beta1, scratch, mean);
            TensorPrimitives.Multiply(gradient, gradient, scratch);
            TensorPrimitives.Multiply(scratch, clip * clip * (1 - Beta2), scratch);
            TensorPrimitives.MultiplyAdd(square, Beta2, scratch, square);

            // 2. Step: mean / sqrt(mean square), plus decay for matrices.
            TensorPrimitives.Multiply(square, unbias2, scratch);
            TensorPrimitives.Sqrt(scratch, scratch);
            TensorPrimitives.Add(scratch, Epsilon, scratch);
            TensorPrimitives.Multiply(mean, unbias1, step);
            TensorPrimitives.Divide(step, scratch, step);
            if (!tensor.IsGain)
            {
                TensorPrimitives.MultiplyAdd(value, WeightDecay, step, step);
            }

            TensorPrimitives.MultiplyAdd(step, (float)-rate, value, value);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mean.Dispose();
        _square.Dispose();
    }
}
