namespace EdgeCoder.Training.Evaluation;

/// <summary>What the model said, and how sure it was.</summary>
/// <param name="Text">The whole answer.</param>
/// <param name="MeanLogProbability">Mean over its tokens; natural logarithm.</param>
/// <param name="WorstLogProbability">Mean over its worst stretch of tokens; natural logarithm.</param>
internal sealed record Answer(string Text, double MeanLogProbability, double WorstLogProbability);
