using System.Numerics.Tensors;

namespace EdgeCoder.Training.Learning;

/// <summary>
/// Loss and gradients of a llama-architecture model over a batch, on one thread. The backward pass is written by hand;
/// a test holds it against finite differences, tensor by tensor.
/// </summary>
internal sealed unsafe class Transformer : IDisposable
{
    private readonly Parameters _parameters;
    private readonly ModelShape _shape;
    private readonly MatrixMultiply _multiply;
    private readonly CausalAttention _attention;
    private readonly RotaryPositions _rotary;
    private readonly LayerMemory[] _layers;
    private readonly FloatBuffer _last, _normed, _roots, _logits, _targetRows;
    private readonly FloatBuffer _dStream, _dNormed, _dQuery, _dKey, _dValue, _dActivation, _dGate, _dUp, _scratch;
    private readonly int[] _rowOfTarget;
    private readonly List<FloatBuffer> _buffers = [];

    /// <summary>Makes the working memory for batches of up to <paramref name="capacity"/> tokens.</summary>
    public Transformer(Parameters parameters, int capacity, TileKernel? kernel = null)
    {
        (_parameters, _shape) = (parameters, parameters.Shape);
        _multiply = new MatrixMultiply(kernel ?? TileKernels.Widest);
        _attention = new CausalAttention(_shape, _multiply);
        _rotary = new RotaryPositions(_shape);
        _layers = [.. Enumerable.Range(0, _shape.Layers).Select(_ => new LayerMemory(_shape, capacity))];
        long stream = (long)capacity * _shape.Width, hidden = (long)capacity * _shape.Hidden;
        (_last, _normed, _roots, _targetRows) = (Own(stream), Own(stream), Own(capacity), Own(stream));
        (_logits, Gradients) = (Own((long)capacity * _shape.Vocabulary), Own(parameters.Values.Length));
        (_dStream, _dNormed, _dQuery, _dKey, _dValue) = (Own(stream), Own(stream), Own(stream), Own(stream), Own(stream));
        (_dActivation, _dGate, _dUp, _scratch) = (Own(hidden), Own(hidden), Own(hidden), Own(hidden));
        _rowOfTarget = new int[capacity];
    }

    /// <summary>Gradients of the last call to <see cref="Learn"/>, laid out as the parameters.</summary>
    public FloatBuffer Gradients { get; }

    private float* Weights => _parameters.Values.Pointer;

    /// <summary>Mean loss, in nats per learnt token.</summary>
    public double Loss(TokenBatch batch)
    {
        Forward(batch);
        return Score(batch) / batch.TargetCount;
    }

    /// <summary>Mean loss, in nats per learnt token; computes its <see cref="Gradients"/>.</summary>
    public double Learn(TokenBatch batch)
    {
        Gradients.Clear();
        var loss = Loss(batch);
        Backward(batch);
        return loss;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _multiply.Dispose();
        _attention.Dispose();
        _rotary.Dispose();
        foreach (var layer in _layers)
        {
            layer.Dispose();
        }

        foreach (var buffer in _buffers)
        {
            buffer.Dispose();
        }
    }

    private FloatBuffer Own(long length)
    {
        var buffer = new FloatBuffer(length);
        _buffers.Add(buffer);
        return buffer;
    }

    private void Forward(TokenBatch batch)
    {
        var (rows, width, hidden) = (batch.Rows, _shape.Width, _shape.Hidden);
        var weightLength = _attention.WeightLength(batch);
        Embed(batch, _layers[0].Input.Pointer);
        for (var l = 0; l < _shape.Layers; l++)
        {
            var (memory, tensors) = (_layers[l], _parameters.Layers[l]);
            memory.EnsureWeights(weightLength);

            // 1. Attention, added to the stream.
            RootMeanSquareNorm.Forward(memory.Input.Pointer, At(tensors.AttentionNorm), memory.AttentionInput.Pointer, memory.AttentionRoots.Pointer, rows, width, _shape.NormEpsilon);
            Linear(memory.AttentionInput, tensors.Query, memory.Query, rows);
            Linear(memory.AttentionInput, tensors.Key, memory.Key, rows);
            Linear(memory.AttentionInput, tensors.Value, memory.Value, rows);
            _rotary.Turn(memory.Query.Pointer, batch, inverse: false);
            _rotary.Turn(memory.Key.Pointer, batch, inverse: false);
            _attention.Forward(memory.Query.Pointer, memory.Key.Pointer, memory.Value.Pointer, memory.Attended.Pointer, memory.Weights.Pointer, batch);
            Copy(memory.Input, memory.Middle, rows);
            Linear(memory.Attended, tensors.Output, memory.Middle, rows, add: true);

            // 2. Feed-forward, added to the stream.
            RootMeanSquareNorm.Forward(memory.Middle.Pointer, At(tensors.FeedForwardNorm), memory.FeedForwardInput.Pointer, memory.FeedForwardRoots.Pointer, rows, width, _shape.NormEpsilon);
            Linear(memory.FeedForwardInput, tensors.Gate, memory.Gate, rows);
            Linear(memory.FeedForwardInput, tensors.Up, memory.Up, rows);
            GatedUnit.Forward(Part(memory.Gate, rows, hidden), Part(memory.Up, rows, hidden), Part(memory.Activation, rows, hidden));
            var next = l + 1 < _shape.Layers ? _layers[l + 1].Input : _last;
            Copy(memory.Middle, next, rows);
            Linear(memory.Activation, tensors.Down, next, rows, add: true);
        }

        RootMeanSquareNorm.Forward(_last.Pointer, At(_parameters.OutputNorm), _normed.Pointer, _roots.Pointer, rows, width, _shape.NormEpsilon);
    }

    // Leaves (probability - target) / count in the logits of the learnt positions, which is the gradient of the mean loss.
    private double Score(TokenBatch batch)
    {
        var (width, vocabulary) = (_shape.Width, _shape.Vocabulary);
        var count = 0;
        for (var row = 0; row < batch.Count; row++)
        {
            if (batch.Targets[row] != TokenBatch.Ignore)
            {
                Part(_normed, row + 1, width)[(row * width)..].CopyTo(_targetRows.Span[(count * width)..]);
                _rowOfTarget[count++] = row;
            }
        }

        var rows = Padded(count);
        _targetRows.Span[(count * width)..(rows * width)].Clear();
        _multiply.Run(new(_targetRows.Pointer, width), new Matrix(At(_parameters.Embedding), width).T, new(_logits.Pointer, vocabulary), rows, vocabulary, width);
        double loss = 0;
        for (var i = 0; i < rows; i++)
        {
            var logits = new Span<float>(_logits.Pointer + ((long)i * vocabulary), vocabulary);
            if (i >= count)
            {
                logits.Clear();
                continue;
            }

            var target = batch.Targets[_rowOfTarget[i]];
            TensorPrimitives.SoftMax(logits, logits);
            loss -= Math.Log(Math.Max(logits[target], 1e-30));
            logits[target] -= 1;
            TensorPrimitives.Multiply(logits, 1f / count, logits);
        }

        return loss;
    }

    private void Backward(TokenBatch batch)
    {
        var (rows, width, hidden, vocabulary) = (batch.Rows, _shape.Width, _shape.Hidden, _shape.Vocabulary);
        var targets = Padded(batch.TargetCount);

        // 1. Output matrix and last norm.
        _multiply.Run(new Matrix(_logits.Pointer, vocabulary).T, new(_targetRows.Pointer, width), new(Gradient(_parameters.Embedding), width), vocabulary, width, targets, add: true);
        _multiply.Run(new(_logits.Pointer, vocabulary), new(At(_parameters.Embedding), width), new(_dQuery.Pointer, width), targets, width, vocabulary);
        Part(_dNormed, rows, width).Clear();
        for (var i = 0; i < batch.TargetCount; i++)
        {
            _dQuery.Span.Slice(i * width, width).CopyTo(_dNormed.Span[(_rowOfTarget[i] * width)..]);
        }

        Part(_dStream, rows, width).Clear();
        NormBackward(_last, _parameters.OutputNorm, _roots, rows);

        for (var l = _shape.Layers - 1; l >= 0; l--)
        {
            var (memory, tensors) = (_layers[l], _parameters.Layers[l]);

            // 2. Feed-forward.
            LinearBackward(_dStream, memory.Activation, tensors.Down, _dActivation, rows);
            GatedUnit.Backward(Part(memory.Gate, rows, hidden), Part(memory.Up, rows, hidden), Part(_dActivation, rows, hidden), Part(_dGate, rows, hidden), Part(_dUp, rows, hidden), Part(_scratch, rows, hidden));
            LinearBackward(_dGate, memory.FeedForwardInput, tensors.Gate, _dNormed, rows);
            LinearBackward(_dUp, memory.FeedForwardInput, tensors.Up, _dNormed, rows, add: true);
            NormBackward(memory.Middle, tensors.FeedForwardNorm, memory.FeedForwardRoots, rows);

            // 3. Attention.
            LinearBackward(_dStream, memory.Attended, tensors.Output, _dNormed, rows);
            _attention.Backward(memory.Query.Pointer, memory.Key.Pointer, memory.Value.Pointer, memory.Weights.Pointer, _dNormed.Pointer, _dQuery.Pointer, _dKey.Pointer, _dValue.Pointer, batch);
            ClearTail(batch, _dQuery, _dKey, _dValue);
            _rotary.Turn(_dQuery.Pointer, batch, inverse: true);
            _rotary.Turn(_dKey.Pointer, batch, inverse: true);
            LinearBackward(_dQuery, memory.AttentionInput, tensors.Query, _dNormed, rows);
            LinearBackward(_dKey, memory.AttentionInput, tensors.Key, _dNormed, rows, add: true);
            LinearBackward(_dValue, memory.AttentionInput, tensors.Value, _dNormed, rows, add: true);
            NormBackward(memory.Input, tensors.AttentionNorm, memory.AttentionRoots, rows);
        }

        // 4. Embedding rows of the input tokens.
        for (var row = 0; row < batch.Count; row++)
        {
            var gradient = new Span<float>(Gradient(_parameters.Embedding) + ((long)batch.Tokens[row] * width), width);
            TensorPrimitives.Add(gradient, _dStream.Span.Slice(row * width, width), gradient);
        }
    }

    private void Embed(TokenBatch batch, float* to)
    {
        for (var row = 0; row < batch.Rows; row++)
        {
            new ReadOnlySpan<float>(At(_parameters.Embedding) + ((long)batch.Tokens[row] * _shape.Width), _shape.Width).CopyTo(new Span<float>(to + ((long)row * _shape.Width), _shape.Width));
        }
    }

    private void Linear(FloatBuffer input, Tensor tensor, FloatBuffer output, int rows, bool add = false) =>
        _multiply.Run(new(input.Pointer, tensor.Columns), new Matrix(At(tensor), tensor.Columns).T, new(output.Pointer, tensor.Rows), rows, tensor.Rows, tensor.Columns, add);

    private void LinearBackward(FloatBuffer dOutput, FloatBuffer input, Tensor tensor, FloatBuffer dInput, int rows, bool add = false)
    {
        _multiply.Run(new Matrix(dOutput.Pointer, tensor.Rows).T, new(input.Pointer, tensor.Columns), new(Gradient(tensor), tensor.Columns), tensor.Rows, tensor.Columns, rows, add: true);
        _multiply.Run(new(dOutput.Pointer, tensor.Rows), new(At(tensor), tensor.Columns), new(dInput.Pointer, tensor.Columns), rows, tensor.Columns, tensor.Rows, add);
    }

    private void NormBackward(FloatBuffer input, Tensor gain, FloatBuffer roots, int rows) =>
        RootMeanSquareNorm.Backward(input.Pointer, At(gain), roots.Pointer, _dNormed.Pointer, _dStream.Pointer, Gradient(gain), _scratch.Pointer, rows, _shape.Width);

    private void Copy(FloatBuffer from, FloatBuffer to, int rows) => Part(from, rows, _shape.Width).CopyTo(to.Span);

    // Attention writes the rows of texts only; rows that round the batch up to a multiple of 8 must not carry old numbers.
    private void ClearTail(TokenBatch batch, params ReadOnlySpan<FloatBuffer> buffers)
    {
        foreach (var buffer in buffers)
        {
            buffer.Span[(batch.Count * _shape.Width)..(batch.Rows * _shape.Width)].Clear();
        }
    }

    private float* At(Tensor tensor) => Weights + tensor.Offset;

    private float* Gradient(Tensor tensor) => Gradients.Pointer + tensor.Offset;

    private static Span<float> Part(FloatBuffer buffer, int rows, int width) => buffer.Span[..(rows * width)];

    private static int Padded(int rows) => (rows + 7) / 8 * 8;
}
