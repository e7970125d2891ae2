using System.CommandLine;
using EdgeCoder.Acp;
using EdgeCoder.Commands;
using EdgeCoder.Repositories;
using EdgeCoder.Tests.Repositories;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Tests.Documents;

/// <summary>docs/repository.md, docs/acp.md and the README say what the program takes.</summary>
public sealed class RepositoryDocumentTests : IDisposable
{
    private static readonly string Repositories = Read("docs", "repository.md");
    private static readonly string Editors = Read("docs", "acp.md");
    private readonly RepositoryDesk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData("run")]
    [InlineData("chat")]
    [InlineData("apply")]
    public void Every_option_is_documented(string command) =>
        Assert.All(Command(command).Options.Where(option => option.Name != "--help"), option => Assert.Contains(option.Name, Repositories, StringComparison.Ordinal));

    [Fact]
    public void Every_option_of_the_server_is_documented() =>
        Assert.All(Command("serve").Options.Where(option => option.Name != "--help"), option => Assert.Contains(option.Name, Editors, StringComparison.Ordinal));

    [Fact]
    public void Every_command_of_the_conversation_and_of_editors_is_documented()
    {
        Assert.All(Conversation.Commands, command => Assert.Contains(command.Name, Repositories, StringComparison.Ordinal));
        Assert.All(AcpReview.Commands, command => Assert.Contains($"`/{command.Name}`", Editors, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_mode_is_documented() =>
        Assert.All(ModeName.All, mode => Assert.True(Repositories.Contains($"`{mode.Name}`", StringComparison.Ordinal) && Editors.Contains($"`{mode.Name}`", StringComparison.Ordinal), mode.Name));

    [Fact]
    public void The_first_command_of_the_README_is_a_snippet_also_in_a_clone()
    {
        var line = Read("README.md").Split('\n').First(text => text.StartsWith("./edgecoder run", StringComparison.Ordinal));
        Assert.Contains("--lang python", line, StringComparison.Ordinal);
        Assert.Equal(RunKind.Snippet, RunKindChoice.Decide("--lang", null, inWorkTree: true));
        Assert.Equal(RunKind.Repository, RunKindChoice.Decide(null, null, inWorkTree: true));
        Assert.Equal(RunKind.Snippet, RunKindChoice.Decide(null, null, inWorkTree: false));
        Assert.Equal(RunKind.Repository, RunKindChoice.Decide(null, "--root", inWorkTree: false));
        Assert.Throws<UsageException>(() => RunKindChoice.Decide("--lang", "--root", inWorkTree: true));
    }

    private Command Command(string name) => CommandLine.Build(_desk.World()).Subcommands.Single(command => command.Name == name);

    private static string Read(params string[] path) => File.ReadAllText(Path.Combine([Checkout.Root, .. path]));
}
