namespace EdgeCoder.Executor.Tests.Isolation.Launcher;

public sealed class LauncherRunTests
{
    public static TheoryData<string, string> Kinds => new()
    {
        { "Namespaces", "Python" },
        { "Namespaces", "JavaScript" },
        { "Landlock", "Python" },
        { "Landlock", "JavaScript" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Program_runs_and_reports(string mode, string language)
    {
        var kind = await LauncherKind.FindAsync(mode, language);
        var python = kind.Language == SnippetLanguage.Python;

        var result = await kind.RunAsync(python ? "print(6 * 7)" : "console.log(6 * 7)");

        Assert.True(result.Ok, result.Show());
        Assert.Equal("42\n", result.Stdout);
    }
}
