namespace EdgeCoder.Training.Learning;

/// <summary>
/// Rotary position embedding as llama.cpp computes it for the llama architecture: neighbours (2i, 2i+1) of a head turn by
/// position × base^(-2i / head width). Source: Su et al., RoFormer, 2021, equation 34.
/// </summary>
internal sealed unsafe class RotaryPositions : IDisposable
{
    private readonly ModelShape _shape;
    private readonly FloatBuffer _cosines;
    private readonly FloatBuffer _sines;

    /// <summary>Prepares the angles for every position of the context.</summary>
    public RotaryPositions(ModelShape shape)
    {
        _shape = shape;
        var half = shape.HeadWidth / 2;
        _cosines = new FloatBuffer((long)shape.Context * half);
        _sines = new FloatBuffer((long)shape.Context * half);
        for (var position = 0; position < shape.Context; position++)
        {
            for (var i = 0; i < half; i++)
            {
                var angle = position * Math.Pow(shape.RotaryBase, -2.0 * i / shape.HeadWidth);
                _cosines.Pointer[(position * half) + i] = (float)Math.Cos(angle);
                _sines.Pointer[(position * half) + i] = (float)Math.Sin(angle);
            }
        }
    }

    /// <summary>Turns all heads of all texts in place; backwards when <paramref name="inverse"/>.</summary>
    public void Turn(float* values, TokenBatch batch, bool inverse)
    {
        var half = _shape.HeadWidth / 2;
        float direction = inverse ? -1 : 1;
        foreach (var (start, length) in batch.Texts)
        {
            for (var t = 0; t < length; t++)
            {
                float* cosine = _cosines.Pointer + (t * half), sine = _sines.Pointer + (t * half);
                for (var head = 0; head < _shape.Heads; head++)
                {
                    var pair = values + ((long)(start + t) * _shape.Width) + (head * _shape.HeadWidth);
                    for (var i = 0; i < half; i++, pair += 2)
                    {
                        var (x, y, c, s) = (pair[0], pair[1], cosine[i], sine[i] * direction);
                        pair[0] = (x * c) - (y * s);
                        pair[1] = (x * s) + (y * c);
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cosines.Dispose();
        _sines.Dispose();
    }
}
