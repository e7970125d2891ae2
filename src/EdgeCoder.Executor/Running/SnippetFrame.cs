using System.Globalization;
using EdgeCoder.Executor.Subset;

namespace EdgeCoder.Executor.Running;

/// <summary>Makes the runner's frame of a request, and checks before that what can be checked outside: names, sizes, and JavaScript's syntax tree.</summary>
internal static class SnippetFrame
{
    private const int MaximumCharacters = 4 << 20;
    private const int MaximumFiles = 200;
    private const ulong CanaryExcess = 64 << 20;

    /// <summary>The frame, or what is wrong with the request's files; for JavaScript also what the program needs.</summary>
    /// <param name="request">The request.</param>
    /// <param name="key">Key of the report channel.</param>
    /// <param name="subset">Whether the subset is checked; the tests of the isolation run without.</param>
    /// <param name="limits">Limits of the run.</param>
    /// <param name="canary">Whether the runner tries the canaries first.</param>
    /// <param name="marked">Whether JavaScript is marked with the places of its statements, for QuickJS.</param>
    public static (byte[]? Frame, SubsetRefusal? Refusal, JavaScriptProfile? Profile) Build(RunRequest request, string key, bool subset, LimitPlan limits, bool canary, bool marked = false)
    {
        IReadOnlyList<SnippetFile> all = [.. request.Files, .. request.Tests];
        if (Unfit(request, all) is { } unfit)
        {
            return (null, unfit, null);
        }

        return request.Language == SnippetLanguage.Python ? (Python(request, all, key, subset, limits, canary), null, null) : JavaScript(request, all, key, subset, limits, canary, marked);
    }

    private static SubsetRefusal? Unfit(RunRequest request, IReadOnlyList<SnippetFile> all)
    {
        SubsetRefusal Fault(string rule, string construct, string file) => new() { Rule = rule, Construct = construct, File = file, Line = 1, Column = 1 };
        if (request.Files.Count == 0)
        {
            return Fault("source.name", "no file", "");
        }

        if (all.Count > MaximumFiles || all.Sum(file => (long)file.Text.Length) > MaximumCharacters)
        {
            return Fault("source.size", "the snippet", all[0].Name);
        }

        var twice = all.GroupBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.First();
        return all.FirstOrDefault(file => !IsPlainName(file.Name)) is { } odd ? Fault("source.name", $"file name '{odd.Name}'", odd.Name)
            : twice is not null ? Fault("source.name", $"two files named '{twice.Name}'", twice.Name)
            : null;
    }

    private static bool IsPlainName(string name) =>
        name.Length is > 0 and <= 200
        && name.Split('/').All(part => part.Length > 0 && part is not ("." or "..") && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'));

    private static byte[] Python(RunRequest request, IReadOnlyList<SnippetFile> all, string key, bool subset, LimitPlan limits, bool canary)
    {
        var own = limits.OwnLimits();
        var frame = new JobFrame().Add(key).Add(Mode(request, canary ? "canary " : "")).Add(subset ? "subset" : "free").Add(request.Stdin is null ? "" : "stdin")
            .Add(string.Create(CultureInfo.InvariantCulture, $"{own.Data} {own.AddressSpace} {own.CpuSeconds}"))
            .Add(request.Files.Count.ToString(CultureInfo.InvariantCulture));
        foreach (var file in all)
        {
            frame.Add(file.Name).Add(file.Text);
        }

        return frame.ToBytes();
    }

    private static (byte[]? Frame, SubsetRefusal? Refusal, JavaScriptProfile? Profile) JavaScript(RunRequest request, IReadOnlyList<SnippetFile> all, string key, bool subset, LimitPlan limits, bool canary, bool marked)
    {
        var own = all.Select(file => Path.GetFileNameWithoutExtension(file.Name)).ToHashSet(StringComparer.Ordinal);
        var read = new List<(SnippetFile File, JavaScriptFile? Program)>();
        foreach (var file in all)
        {
            if (!IsProgram(file.Name))
            {
                read.Add((file, null));
                continue;
            }

            var (program, refusal) = JavaScriptFile.Read(file.Name, file.Text, own, subset, marked);
            if (refusal is not null)
            {
                return (null, refusal, null);
            }

            read.Add((file, program));
        }

        var end = read[0].Program?.LastStatement ?? (1, 1);
        var frame = new JobFrame().Add(key).Add(Mode(request, canary ? string.Create(CultureInfo.InvariantCulture, $"canary {limits.OwnLimits().Data + CanaryExcess:D13} ") : "")).Add(Number(end.Line)).Add(Number(end.Column)).Add(Number(request.Files.Count));
        foreach (var (file, program) in read)
        {
            frame.Add(file.Name).Add(file.Text).Add(program?.Wrapped ?? "").Add(Number(program?.Prefix.Length ?? 0)).Add(program is { IsModule: true } ? "module" : "script");
        }

        return (frame.ToBytes(), null, JavaScriptProfile.Of([.. read.Select(one => one.Program).OfType<JavaScriptFile>()], request.Tests.Count > 0));
    }

    // What the runner does, after the canaries if they are demanded.
    private static string Mode(RunRequest request, string canary) => canary + (request.Tests.Count > 0 ? "tests" : "run");

    private static bool IsProgram(string name) =>
        name.EndsWith(".js", StringComparison.Ordinal) || name.EndsWith(".mjs", StringComparison.Ordinal) || name.EndsWith(".cjs", StringComparison.Ordinal) || !name.Contains('.', StringComparison.Ordinal);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
