using System.Numerics.Tensors;

namespace EdgeCoder.Inference.Llama.Sampling;

/// <summary>How sure the model was of a text: the mean over all its tokens, and the worst stretch of <see cref="Window"/> tokens.</summary>
/// <remarks>
/// A text that is right in general but guessed in one place has a good mean and a bad stretch. Logarithms are natural and never above 0;
/// 0 is certainty.
/// </remarks>
internal sealed class LogProbabilities
{
    /// <summary>Tokens of a stretch. A text that is shorter is one stretch.</summary>
    public const int Window = 8;

    private readonly double[] _recent = new double[Window];
    private double _sum;
    private double _windowSum;
    private double _worst = double.PositiveInfinity;

    /// <summary>Number of tokens.</summary>
    public int Count { get; private set; }

    /// <summary>Mean; 0 for no token.</summary>
    public double Mean => Count == 0 ? 0 : _sum / Count;

    /// <summary>Mean of the worst stretch; 0 for no token.</summary>
    public double WorstWindow => Count < Window ? Mean : _worst;

    /// <summary>Logarithm of the sum of the exponentials, so that <c>score - normalizer</c> is a token's log-probability.</summary>
    public static double Normalizer(ReadOnlySpan<float> logits, Span<float> scratch)
    {
        var largest = TensorPrimitives.Max(logits);
        scratch = scratch[..logits.Length];
        TensorPrimitives.Subtract(logits, largest, scratch);
        TensorPrimitives.Exp(scratch, scratch);
        return largest + Math.Log(TensorPrimitives.Sum(scratch));
    }

    /// <summary>Takes the next token's.</summary>
    public void Add(double logProbability)
    {
        var place = Count % Window;
        _windowSum += logProbability - (Count >= Window ? _recent[place] : 0);
        _recent[place] = logProbability;
        _sum += logProbability;
        Count++;
        if (Count >= Window)
        {
            _worst = Math.Min(_worst, _windowSum / Window);
        }
    }
}
