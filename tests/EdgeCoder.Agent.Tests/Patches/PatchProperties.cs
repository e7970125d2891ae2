using System.Text;
using CsCheck;
using EdgeCoder.Agent.Patches;
using EdgeCoder.Agent.Tests.Files;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Patches;

public sealed class PatchProperties
{
    private static readonly Gen<string> Text = Gen.Select(Gen.Int[0, 6].Array[0, 25], Gen.Bool, (lines, ended) => string.Join('\n', lines.Select(line => line == 0 ? "" : $"line {line}")) + (ended && lines.Length > 0 ? "\n" : ""));

    /// <summary>git makes the diff, and what comes out is what git made it from.</summary>
    [Fact]
    public void A_diff_of_git_gives_the_other_text()
    {
        using var directory = new TemporaryDirectory();
        Gen.Select(Text, Text).Where((one, other) => one != other && one.Length > 0 && other.Length > 0).Sample(
            (one, other) =>
            {
                directory.Write("a", one);
                directory.Write("b", other);
                var (_, diff) = Shell.OutputAsync("git", null, "-C", directory.Path, "diff", "--no-index", "--no-prefix", "a", "b").GetAwaiter().GetResult();
                var section = Assert.Single(PatchText.Parse(Encoding.UTF8.GetString(diff)));
                Assert.Equal(other, HunkPlacement.Apply("a", one, section.Hunks).Text);
            },
            iter: 60,
            threads: 1);
    }
}
