using System.Numerics.Tensors;
using EdgeCoder.Training.Learning;
using Tensor = EdgeCoder.Training.Learning.Tensor;

namespace EdgeCoder.Training.Tests.Learning;

public sealed class TransformerTests
{
    private static readonly ModelShape Shape = new() { Vocabulary = 96, Width = 64, Layers = 2, Heads = 2, Hidden = 96, Context = 64 };

    // The gradients are right when moving each tensor along its own gradient changes the loss by the square of the gradient's length.
    [Fact]
    public void Gradients_agree_with_finite_differences_for_every_tensor()
    {
        using var parameters = Random(1);
        using var transformer = new Transformer(parameters, 96);
        var batch = Batch();
        transformer.Learn(batch);
        var gradients = transformer.Gradients.Span.ToArray();
        foreach (var tensor in parameters.Tensors)
        {
            var gradient = gradients.AsSpan((int)tensor.Offset, (int)tensor.Length);
            var square = (double)TensorPrimitives.SumOfSquares<float>(gradient);
            var step = 0.02 / Math.Sqrt(square);
            Assert.True(square > 0, tensor.Name);
            Assert.Equal(1, Slope(parameters, transformer, batch, tensor, gradient.ToArray(), step) / square, 0.03);
        }
    }

    [Fact]
    public void Wrong_gradient_is_found_by_finite_differences()
    {
        using var parameters = Random(1);
        using var transformer = new Transformer(parameters, 96);
        var batch = Batch();
        transformer.Learn(batch);
        var tensor = parameters.Layers[0].Key;
        var planted = transformer.Gradients.Span.Slice((int)tensor.Offset, (int)tensor.Length).ToArray();
        planted.AsSpan(0, planted.Length / 2).Clear();
        var square = (double)TensorPrimitives.SumOfSquares<float>(transformer.Gradients.Span.Slice((int)tensor.Offset, (int)tensor.Length));
        Assert.NotEqual(1, Slope(parameters, transformer, batch, tensor, planted, 0.02 / Math.Sqrt(square)) / square, 0.03);
    }

    [Fact]
    public void Texts_of_a_batch_do_not_see_each_other()
    {
        using var parameters = Random(2);
        using var transformer = new Transformer(parameters, 96);
        var (alone, together) = (new TokenBatch(96), new TokenBatch(96));
        alone.Clear();
        together.Clear();
        int[] text = [5, 6, 7, 8, 9];
        Assert.True(alone.TryAdd(text, 1));
        Assert.True(together.TryAdd([1, 2, 3, 4], 4));
        Assert.True(together.TryAdd(text, 1));
        Assert.Equal(transformer.Loss(alone), transformer.Loss(together), 1e-6);
    }

    private static double Slope(Parameters parameters, Transformer transformer, TokenBatch batch, Tensor tensor, float[] direction, double step)
    {
        var values = parameters.Values.Span.Slice((int)tensor.Offset, (int)tensor.Length);
        var before = values.ToArray();
        TensorPrimitives.MultiplyAdd(direction, (float)step, before, values);
        var above = transformer.Loss(batch);
        TensorPrimitives.MultiplyAdd(direction, (float)-step, before, values);
        var below = transformer.Loss(batch);
        before.CopyTo(values);
        return (above - below) / (2 * step);
    }

    private static Parameters Random(int seed)
    {
        var parameters = new Parameters(Shape);
        parameters.Initialize(seed);

        // Larger matrices than at the start of training, so that no gradient drowns in rounding.
        foreach (var tensor in parameters.Tensors.Where(tensor => !tensor.IsGain))
        {
            var values = parameters.Values.Span.Slice((int)tensor.Offset, (int)tensor.Length);
            TensorPrimitives.Multiply(values, tensor == parameters.Embedding ? 20f : tensor.Name.Contains("output", StringComparison.Ordinal) || tensor.Name.Contains("down", StringComparison.Ordinal) ? 12f : 1.5f, values);
        }

        return parameters;
    }

    private static TokenBatch Batch()
    {
        var batch = new TokenBatch(96);
        batch.Clear();
        var random = new Random(3);
        foreach (var length in (int[])[37, 9, 41])
        {
            Assert.True(batch.TryAdd([.. Enumerable.Range(0, length).Select(_ => random.Next(Shape.Vocabulary))], length / 4));
        }

        return batch;
    }
}
