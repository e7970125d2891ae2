using System.Numerics.Tensors;

namespace EdgeCoder.Training.Learning;

/// <summary>
/// Causal attention within each text. Heads are copied into blocks padded with zeros to a multiple of 32 rows, and products skip the
/// blocks above the diagonal. The weights are kept for the way back.
/// </summary>
internal sealed unsafe class CausalAttention : IDisposable
{
    private const int Block = 32;

    private readonly ModelShape _shape;
    private readonly MatrixMultiply _multiply;
    private readonly FloatBuffer _query;
    private readonly FloatBuffer _key;
    private readonly FloatBuffer _value;
    private readonly FloatBuffer _output;
    private readonly FloatBuffer _gradient;
    private readonly float _scale;

    /// <summary>Makes the scratch memory for one head of one text.</summary>
    public CausalAttention(ModelShape shape, MatrixMultiply multiply)
    {
        (_shape, _multiply) = (shape, multiply);
        _scale = 1 / MathF.Sqrt(shape.HeadWidth);
        var rows = Padded(shape.Context);
        _query = new FloatBuffer((long)rows * shape.HeadWidth);
        _key = new FloatBuffer((long)rows * shape.HeadWidth);
        _value = new FloatBuffer((long)rows * shape.HeadWidth);
        _output = new FloatBuffer((long)rows * shape.HeadWidth);
        _gradient = new FloatBuffer((long)rows * rows);
    }

    /// <summary>Floats that the weights of a batch take in one layer.</summary>
    public long WeightLength(TokenBatch batch) => batch.Texts.Sum(text => (long)Padded(text.Length) * Padded(text.Length)) * _shape.Heads;

    /// <summary>output = softmax(query keyᵀ / sqrt(head width)) value, per text and head.</summary>
    public void Forward(float* query, float* key, float* value, float* output, float* weights, TokenBatch batch)
    {
        var width = _shape.HeadWidth;
        foreach (var (start, length) in batch.Texts)
        {
            var rows = Padded(length);
            for (var head = 0; head < _shape.Heads; head++, weights += (long)rows * rows)
            {
                var offset = ((long)start * _shape.Width) + (head * width);
                Take(query + offset, _query.Pointer, length);
                Take(key + offset, _key.Pointer, length);
                Take(value + offset, _value.Pointer, length);
                Scores(_query.Pointer, _key.Pointer, weights, rows);
                for (var t = 0; t < rows; t++)
                {
                    var row = new Span<float>(weights + ((long)t * rows), rows);
                    var seen = t < length ? t + 1 : 0;
                    if (seen > 0)
                    {
                        TensorPrimitives.Multiply(row[..seen], _scale, row[..seen]);
                        TensorPrimitives.SoftMax(row[..seen], row[..seen]);
                    }

                    row[seen..].Clear();
                }

                Below(weights, _value.Pointer, _output.Pointer, rows);
                Give(_output.Pointer, output + offset, length);
            }
        }
    }

    /// <summary>Writes the gradients of query, key and value.</summary>
    public void Backward(float* query, float* key, float* value, float* weights, float* dOutput, float* dQuery, float* dKey, float* dValue, TokenBatch batch)
    {
        var width = _shape.HeadWidth;
        var gradient = _gradient.Pointer;
        foreach (var (start, length) in batch.Texts)
        {
            var rows = Padded(length);
            for (var head = 0; head < _shape.Heads; head++, weights += (long)rows * rows)
            {
                var offset = ((long)start * _shape.Width) + (head * width);
                Take(query + offset, _query.Pointer, length);
                Take(key + offset, _key.Pointer, length);
                Take(value + offset, _value.Pointer, length);
                Take(dOutput + offset, _output.Pointer, length);

                // 1. Gradient of the weights, then of the values: weightsᵀ dOutput.
                Scores(_output.Pointer, _value.Pointer, gradient, rows);
                Above(weights, _output.Pointer, _value.Pointer, rows);
                Give(_value.Pointer, dValue + offset, length);

                // 2. Through the softmax: w (d - Σ d w), and the scale.
                for (var t = 0; t < rows; t++)
                {
                    var row = new Span<float>(gradient + ((long)t * rows), rows);
                    var seen = t < length ? t + 1 : 0;
                    if (seen > 0)
                    {
                        var weight = new ReadOnlySpan<float>(weights + ((long)t * rows), seen);
                        TensorPrimitives.Subtract(row[..seen], TensorPrimitives.Dot(row[..seen], weight), row[..seen]);
                        TensorPrimitives.Multiply(row[..seen], weight, row[..seen]);
                        TensorPrimitives.Multiply(row[..seen], _scale, row[..seen]);
                    }

                    row[seen..].Clear();
                }

                // 3. Gradients of queries and keys.
                Below(gradient, _key.Pointer, _output.Pointer, rows);
                Give(_output.Pointer, dQuery + offset, length);
                Above(gradient, _query.Pointer, _output.Pointer, rows);
                Give(_output.Pointer, dKey + offset, length);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _query.Dispose();
        _key.Dispose();
        _value.Dispose();
        _output.Dispose();
        _gradient.Dispose();
    }

    private static int Padded(int length) => (length + Block - 1) / Block * Block;

    // left rightᵀ on and below the diagonal blocks.
    private void Scores(float* left, float* right, float* result, int rows)
    {
        var width = _shape.HeadWidth;
        for (var t = 0; t < rows; t += Block)
        {
            _multiply.Run(new(left + (t * width), width), new Matrix(right, width).T, new(result + ((long)t * rows), rows), Block, t + Block, width);
        }
    }

    // square × right, where the square is zero above the diagonal.
    private void Below(float* square, float* right, float* result, int rows)
    {
        var width = _shape.HeadWidth;
        for (var t = 0; t < rows; t += Block)
        {
            _multiply.Run(new(square + ((long)t * rows), rows), new(right, width), new(result + (t * width), width), Block, width, t + Block);
        }
    }

    // squareᵀ × right, where the square is zero above the diagonal.
    private void Above(float* square, float* right, float* result, int rows)
    {
        var width = _shape.HeadWidth;
        for (var s = 0; s < rows; s += Block)
        {
            _multiply.Run(new Matrix(square + ((long)s * rows) + s, rows).T, new(right + (s * width), width), new(result + (s * width), width), Block, width, rows - s);
        }
    }

    private void Take(float* from, float* to, int length)
    {
        var width = _shape.HeadWidth;
        for (var t = 0; t < length; t++)
        {
            new ReadOnlySpan<float>(from + ((long)t * _shape.Width), width).CopyTo(new Span<float>(to + (t * width), width));
        }

        new Span<float>(to + (length * width), (Padded(length) - length) * width).Clear();
    }

    private void Give(float* from, float* to, int length)
    {
        var width = _shape.HeadWidth;
        for (var t = 0; t < length; t++)
        {
            new ReadOnlySpan<float>(from + (t * width), width).CopyTo(new Span<float>(to + ((long)t * _shape.Width), width));
        }
    }
}
