using System.Globalization;
using System.Security.Cryptography;
using EdgeCoder.Executor.Fuzz;
using EdgeCoder.Executor.Fuzz.Targets;

// EdgeCoder.Executor.Fuzz [--count N] [--seed N] [--corpus DIRECTORY] [--save DIRECTORY] [target …]
// Exit code 1: an input broke a rule; it lies in the save directory, and --corpus with that directory runs it again.
var options = new Dictionary<string, string> { ["--count"] = "1000000", ["--seed"] = RandomNumberGenerator.GetInt32(int.MaxValue).ToString(CultureInfo.InvariantCulture), ["--save"] = "." };
var names = new List<string>();
for (var i = 0; i < args.Length; i++)
{
    if (args[i].StartsWith("--", StringComparison.Ordinal) && i + 1 < args.Length)
    {
        options[args[i]] = args[++i];
    }
    else
    {
        names.Add(args[i]);
    }
}

var chosen = FuzzTargets.All.Where(target => names.Count == 0 || names.Contains(target.Name)).ToList();
if (chosen.Count == 0 || !long.TryParse(options["--count"], out var count) || !int.TryParse(options["--seed"], out var seed))
{
    Console.Error.WriteLine("targets: " + string.Join(' ', FuzzTargets.All.Select(target => target.Name)));
    return 2;
}

byte[][] corpus = options.TryGetValue("--corpus", out var directory) ? [.. Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)] : [];
foreach (var target in chosen)
{
    Console.WriteLine($"{target.Name}: seed {seed}, {count} inputs");
    if (new FuzzRun(target, seed).Find(corpus, count) is { } failure)
    {
        var path = Path.Combine(options["--save"], $"{target.Name}-{seed}-{failure.Iteration}.bin");
        File.WriteAllBytes(path, failure.Input);
        Console.WriteLine($"{target.Name}: input {failure.Iteration} broke a rule, kept as {path}\n{failure.Fault}");
        return 1;
    }
}

return 0;
