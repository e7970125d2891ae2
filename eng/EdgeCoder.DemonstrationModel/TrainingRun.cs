using System.Diagnostics;
using EdgeCoder.Inference.Llama.Gguf;
using EdgeCoder.Training.Corpus;
using EdgeCoder.Training.Corpus.Wording;
using EdgeCoder.Training.Evaluation;
using EdgeCoder.Training.Export;
using EdgeCoder.Training.Learning;
using EdgeCoder.Training.Tokens;

namespace EdgeCoder.Training;

/// <summary>From nothing to model files: reference results, corpus, vocabulary, training, export.</summary>
internal static class TrainingRun
{
    /// <summary>Runs the recipe and writes <c>NAME.weights</c> and <c>NAME.q8_0.gguf</c>.</summary>
    public static TrainingProgress Run(Recipe recipe, ExampleMix mix, ModelShape shape, string output, TextWriter log, CancellationToken cancellationToken)
    {
        // 1. Run all reference code.
        var answers = new AnswerText(ReferenceResults.Compute(TemplateLibrary.Problems));
        var kept = HeldOutRequests.All;

        // 2. Learn the vocabulary from a first stretch of the corpus.
        var source = new ExampleSource(answers, WordingSet.Training, mix, recipe.Seed, kept);
        var vocabulary = VocabularyTrainer.Train(Texts(source, recipe.VocabularyExamples), recipe.Vocabulary);
        var encoder = new TokenEncoder(vocabulary);
        log.WriteLine($"{TemplateLibrary.All.Count} templates, {TemplateLibrary.Problems.Count} problems, {vocabulary.Count} tokens.");

        // 3. Train.
        using var trainer = new Trainer(recipe, encoder, shape with { Vocabulary = vocabulary.Count });
        log.WriteLine($"{trainer.Parameters.Values.Length:N0} parameters, {recipe.Steps} steps of {recipe.BatchTokens} tokens.");
        var start = Stopwatch.GetTimestamp();
        var progress = trainer.Run(source, at => Report(at, recipe, start, log), cancellationToken);

        // 4. Keep the weights, and export.
        Checkpoint.Save(output + ".weights", trainer.Parameters, vocabulary);
        ModelExport.Save(output + ".q8_0.gguf", trainer.Parameters, vocabulary, GgmlType.Q8_0);
        return progress;
    }

    private static IEnumerable<string> Texts(ExampleSource source, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var example = source.Next();
            yield return "user\n" + example.Request;
            yield return example.Answer;
        }
    }

    private static void Report(TrainingProgress at, Recipe recipe, long start, TextWriter log)
    {
        if (at.Step % 200 == 0 || at.Step == recipe.Steps || at.Step == 20)
        {
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            using var process = Process.GetCurrentProcess();
            log.WriteLine($"step {at.Step} loss {at.Loss:F4} {at.Tokens / seconds:F0} tokens/s {seconds:F0} s, {process.TotalProcessorTime.TotalSeconds:F0} s of processor, {at.Examples} examples, {at.Tokens / 1e6:F1} M tokens");
        }
    }
}
