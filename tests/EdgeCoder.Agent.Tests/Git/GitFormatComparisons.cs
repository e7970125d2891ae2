using System.Text;
using CsCheck;
using EdgeCoder.Agent.Git;
using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Agent.Workspaces;
using static EdgeCoder.Agent.Tests.Workspaces.TestProject;

namespace EdgeCoder.Agent.Tests.Git;

/// <summary>What git itself says of the formats that are read here.</summary>
[Collection(GitCollection.Name)]
public sealed class GitFormatComparisons(GitFixture fixture)
{
    [Fact]
    public async Task Hunks_of_any_two_texts_chosen_all_give_the_new_one_and_chosen_none_the_old_one()
    {
        using var project = Plain(fixture);
        await using var workspace = await project.BeginAsync();
        var changes = new TreeChanges(workspace.Repository, _ => false);
        var line = One("", "a", "b", "-- c", "++ d", "diff --git a/x b/x", "@@ -1 +1 @@", "\\ No newline", "\u00fc");
        var text = Gen.Select(line.Array[0, 30], Gen.Bool, (lines, ended) => string.Join('\n', lines) + (ended ? "\n" : ""));
        var pairs = new List<(string Old, string New)>();
        Gen.Select(text, text).Sample(pair => pairs.Add((pair.Item1, pair.Item2)), iter: 40, threads: 1);

        // All of them as files of two trees: one diff.
        async Task<string> TreeAsync(Func<(string Old, string New), string> side)
        {
            var entries = new List<TreeEntry>();
            foreach (var (pair, number) in pairs.Select((p, i) => (p, i)))
            {
                entries.Add(new TreeEntry(GitPath.Of($"f{number:000}"), TreeEntry.Ordinary, await workspace.Repository.WriteBlobAsync(Encoding.UTF8.GetBytes(side(pair)), Stop)));
            }

            return await workspace.Repository.ReplaceAsync(workspace.Base.Tree, entries, Stop);
        }

        foreach (var (raw, patch) in await changes.PairsAsync(await TreeAsync(p => p.Old), await TreeAsync(p => p.New), Stop))
        {
            var (old, @new) = pairs[int.Parse(raw.Path.ToString()[1..], System.Globalization.CultureInfo.InvariantCulture)];
            var hunks = patch!.Hunks;
            Assert.Equal(@new, Encoding.UTF8.GetString(HunkSelection.Apply(Encoding.UTF8.GetBytes(old), hunks, Enumerable.Range(0, hunks.Count).ToHashSet())));
            Assert.Equal(old, Encoding.UTF8.GetString(HunkSelection.Apply(Encoding.UTF8.GetBytes(old), hunks, new HashSet<int>())));
        }
    }

    private static Gen<string> One(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    [Fact]
    public async Task Pattern_of_attributes_means_the_one_file_whatever_its_name()
    {
        using var project = Plain(fixture);
        await project.GitAsync(["init", "-q"]);
        string[] names = ["plain", "with space", "star*", "q?", "[ab]", "back\\slash", "quote\"", "ü", "tab\t", "dir/in ner", "#x", "!x"];
        foreach (var name in names)
        {
            await File.WriteAllTextAsync(Path.Combine(project.Root, ".git", "info", "attributes"), $"{AttributePattern.Of(GitPath.Of(name))} marked\n", Stop);
            var answer = await project.GitAsync(["check-attr", "-z", "marked", "--", .. names, "star1", "qq", "a"]);
            var parts = answer.Split('\0');
            Assert.Equal([name], Enumerable.Range(0, parts.Length / 3).Where(i => parts[(3 * i) + 2] == "set").Select(i => parts[3 * i]));
        }
    }
}
