using System.CommandLine;
using EdgeCoder.Inference.Demonstration;
using EdgeCoder.Inference.Llama.Gguf;
using EdgeCoder.Training.Corpus;
using EdgeCoder.Training.Corpus.Wording;
using EdgeCoder.Training.Evaluation;
using EdgeCoder.Training.Export;
using EdgeCoder.Training.Learning;

namespace EdgeCoder.Training;

/// <summary>The command line.</summary>
internal static class Commands
{
    /// <summary>All commands.</summary>
    public static RootCommand Root() => new("Makes the demonstration model.") { Corpus(), Train(), Export(), Evaluate() };

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

    private static Command Export()
    {
        var weights = new Option<string>("--weights") { Required = true, Description = "What train left behind." };
        var output = new Option<string>("--output") { Required = true, Description = "Path of the GGUF file." };
        var type = new Option<GgmlType>("--type") { DefaultValueFactory = _ => GgmlType.Q8_0, Description = "How matrices are stored." };
        var command = new Command("export", "Writes trained weights as a GGUF file.") { weights, output, type };
        command.SetAction(parse =>
        {
            var (parameters, vocabulary) = Checkpoint.Load(parse.GetValue(weights)!);
            using (parameters)
            {
                ModelExport.Save(parse.GetValue(output)!, parameters, vocabulary, parse.GetValue(type));
            }
        });
        return command;
    }

    private static Command Evaluate()
    {
        var model = new Option<string>("--model") { Required = true, Description = "Path of the GGUF file." };
        var threshold = new Option<double>("--threshold") { DefaultValueFactory = _ => DemonstrationModel.LeastLogProbability, Description = "Log-probability of the worst stretch below which an answer counts as refused." };
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 200, Description = "Requests in each fresh set." };
        var failures = new Option<bool>("--failures") { Description = "Print what went wrong." };
        var report = new Option<string?>("--report") { Description = "Write the tables to this file." };
        var command = new Command("evaluate", "Asks a model and judges its answers by running them.") { model, threshold, count, failures, report };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var tables = await EvaluationRun.RunAsync(parse.GetValue(model)!, parse.GetValue(threshold), parse.GetValue(count), parse.GetValue(failures), Console.Out, cancellationToken);
            Console.WriteLine(tables);
            if (parse.GetValue(report) is { } path)
            {
                await File.WriteAllTextAsync(path, tables, cancellationToken);
            }

            return 0;
        });
        return command;
    }
}
