using System.CommandLine;
using EdgeCoder.Training.Corpus;
using EdgeCoder.Training.Corpus.Wording;
using EdgeCoder.Training.Evaluation;
using EdgeCoder.Training.Learning;

namespace EdgeCoder.Training;

/// <summary>The command line.</summary>
internal static class Commands
{
    /// <summary>All commands.</summary>
    public static RootCommand Root() => new("Makes the demonstration model.") { Corpus(), Train(), Evaluate() };

    private static Command Corpus()
    {
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 20, Description = "Number of examples." };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, Description = "Seed." };
        var held = new Option<bool>("--held-out") { Description = "Use the wordings that training never sees." };
        var command = new Command("corpus", "Prints examples of the training text.") { count, seed, held };
        command.SetAction(parse =>
        {
            var answers = new AnswerText(ReferenceResults.Compute(TemplateLibrary.Problems));
            var source = new ExampleSource(answers, parse.GetValue(held) ? WordingSet.HeldOut : WordingSet.Training, new ExampleMix(), parse.GetValue(seed), HeldOutRequests.All);
            for (var i = 0; i < parse.GetValue(count); i++)
            {
                var example = source.Next();
                Console.WriteLine($"{example.Request}\n{example.Answer}\n");
            }
        });
        return command;
    }

    private static Command Train()
    {
        var output = new Option<string>("--output") { Required = true, Description = "Path of the model files, without their ending." };
        var steps = new Option<int>("--steps") { DefaultValueFactory = _ => new Recipe().Steps, Description = "Optimizer steps." };
        var rate = new Option<double>("--rate") { DefaultValueFactory = _ => new Recipe().Rate, Description = "Highest learning rate." };
        var command = new Command("train", "Runs the recipe and writes the model.") { output, steps, rate };
        command.SetAction((parse, cancellationToken) =>
        {
            TrainingRun.Run(new Recipe { Steps = parse.GetValue(steps), Rate = parse.GetValue(rate) }, new ExampleMix(), new ModelShape { Vocabulary = 0 }, parse.GetValue(output)!, Console.Out, cancellationToken);
            return Task.FromResult(0);
        });
        return command;
    }

    private static Command Evaluate()
    {
        var model = new Option<string>("--model") { Required = true, Description = "Path of the GGUF file." };
        var threshold = new Option<double>("--threshold") { DefaultValueFactory = _ => double.NegativeInfinity, Description = "Log-probability of the worst stretch below which an answer counts as refused." };
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 200, Description = "Requests in each fresh set." };
        var failures = new Option<bool>("--failures") { Description = "Print what went wrong." };
        var command = new Command("evaluate", "Asks a model and judges its answers by running them.") { model, threshold, count, failures };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await EvaluationRun.RunAsync(parse.GetValue(model)!, parse.GetValue(threshold), parse.GetValue(count), parse.GetValue(failures), Console.Out, cancellationToken);
            return 0;
        });
        return command;
    }
}
