using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeCoder.Commands;
using EdgeCoder.Executor;
using EdgeCoder.Inputs;
using EdgeCoder.Protocol;
using EdgeCoder.TestKit.Execution;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Tests.Documents;

/// <summary>docs/exec.md says what the program does, all of it and nothing else.</summary>
public sealed class ExecDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "exec.md"));

    public static TheoryData<string> Reasons() => [.. RunReasons.All.Select(reason => reason.Code)];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Every_reason_has_its_row_with_the_exit_code_that_is_given(string code)
    {
        var reason = RunReasons.All.Single(one => one.Code == code);
        var cells = Document.Split('\n').Single(line => line.StartsWith($"| `{code}` |", StringComparison.Ordinal)).Split('|', StringSplitOptions.TrimEntries);
        Assert.Equal(reason.Outer is { } outer ? $"`{JsonSerializer.Serialize(outer, ProtocolJson.Default.Options).Trim('"')}`" : "", cells[2]);
        Assert.Equal(reason.Meaning, cells[4]);
        if (int.TryParse(cells[3], out var documented))
        {
            var signal = documented > 128 ? documented : 1;
            var result = Runs.Ended(signal, reason.Outer) with { Ok = reason.Outer is null, Detail = new() { Code = code } };
            Assert.Equal(documented, ExecExitCode.Of(result));
        }
    }

    [Fact]
    public void No_row_names_a_reason_that_does_not_exist() =>
        Assert.Equal(RunReasons.All.Select(reason => reason.Code), Regex.Matches(Section("## Reasons"), @"(?m)^\| `([a-z_]+)` \|").Select(match => match.Groups[1].Value));

    [Fact]
    public void Every_code_of_a_wrong_input_is_documented()
    {
        var thrown = ((string[])["Commands/ExecCommand.cs", "Inputs/ProgramFiles.cs", "Inputs/LimitText.cs", "Inputs/LanguageName.cs"])
            .SelectMany(file => Regex.Matches(File.ReadAllText(Path.Combine(Checkout.Root, "src", "EdgeCoder", file)), "UsageException\\(\\s*\"([a-z_0-9]+)\"").Select(match => match.Groups[1].Value))
            .Concat(Regex.Matches(File.ReadAllText(Path.Combine(Checkout.Root, "src", "EdgeCoder", "Inputs", "BoundedText.cs")), "code \\+ \"(_[a-z_0-9]+)\"").Select(match => "source" + match.Groups[1].Value))
            .Distinct();
        Assert.All(thrown, code => Assert.Contains($"`{code}`", Section("## Input that cannot be used"), StringComparison.Ordinal));
        Assert.True(thrown.Count() > 12);
    }

    [Fact]
    public void Every_option_of_the_command_is_in_the_document()
    {
        var command = CommandLine.Build(Surroundings.OfProcess()).Subcommands.Single(one => one.Name == "exec");
        Assert.All(command.Options.Where(option => option.Name is not "--help"), option => Assert.Contains(option.Name, Document, StringComparison.Ordinal));
    }

    [Fact]
    public void Numbers_in_the_document_are_those_in_the_code()
    {
        Assert.Contains($"larger than {ProgramFiles.MaxBytes >> 20} MiB", Document, StringComparison.Ordinal);
        Assert.Contains($"at most {TestsFile.MaxBytes >> 20} MiB", Document, StringComparison.Ordinal);
        Assert.Contains($"at most {ExecCommand.MaxStdinBytes >> 20} MiB", Document, StringComparison.Ordinal);
    }

    private static string Section(string title) => Document[Document.IndexOf(title, StringComparison.Ordinal)..].Split("\n## ")[0];
}
