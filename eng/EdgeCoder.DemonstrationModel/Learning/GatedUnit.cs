using System.Numerics.Tensors;

namespace EdgeCoder.Training.Learning;

/// <summary>SwiGLU: gate × sigmoid(gate) × up. Source: Shazeer, GLU Variants Improve Transformer, 2020.</summary>
internal static class GatedUnit
{
    /// <summary>Computes the activation.</summary>
    public static void Forward(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> activation)
    {
        TensorPrimitives.Sigmoid(gate, activation);
        TensorPrimitives.Multiply(activation, gate, activation);
        TensorPrimitives.Multiply(activation, up, activation);
    }

    /// <summary>Computes the gradients of gate and up. <paramref name="sigmoid"/> is scratch of the same length.</summary>
    public static void Backward(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, ReadOnlySpan<float> dActivation, Span<float> dGate, Span<float> dUp, Span<float> sigmoid)
    {
        TensorPrimitives.Sigmoid(gate, sigmoid);

        // dUp = d gate s
        TensorPrimitives.Multiply(gate, sigmoid, dUp);
        TensorPrimitives.Multiply(dUp, dActivation, dUp);

        // dGate = d up s (1 + gate (1 - s))
        TensorPrimitives.Negate(sigmoid, dGate);
        TensorPrimitives.Add(dGate, 1f, dGate);
        TensorPrimitives.Multiply(dGate, gate, dGate);
        TensorPrimitives.Add(dGate, 1f, dGate);
        TensorPrimitives.Multiply(dGate, sigmoid, dGate);
        TensorPrimitives.Multiply(dGate, up, dGate);
        TensorPrimitives.Multiply(dGate, dActivation, dGate);
    }
}
