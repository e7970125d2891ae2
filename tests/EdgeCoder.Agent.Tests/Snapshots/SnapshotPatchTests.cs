using System.Text;
using CsCheck;
using EdgeCoder.Agent.Snapshots;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Snapshots;

public sealed class SnapshotPatchTests : IDisposable
{
    private const string Good = "diff --git a/a.txt b/a.txt\nindex 1..2 100644\n--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n";

    private readonly TemporaryDirectory tree = new();

    public SnapshotPatchTests()
    {
        tree.Write("a.txt", "one\ntwo\nthree\n");
        tree.Write("sub/b.txt", "b\n");
    }

    public void Dispose() => tree.Dispose();

    [Fact]
    public void Change_that_fits_is_applied_and_named()
    {
        var outcome = Apply(Good);
        Assert.Null(outcome.Fault);
        Assert.Equal(["a.txt"], outcome.Touched);
        Assert.Equal("one\nTWO\nthree\n", File.ReadAllText(tree["a.txt"]));
    }

    [Theory]
    [InlineData(" one", " One")]
    [InlineData("-two\n", "-two \n")]
    [InlineData("@@ -1,3 +1,3 @@", "@@ -2,3 +2,3 @@")]
    [InlineData("@@ -1,3 +1,3 @@", "@@ -1,3 +2,3 @@")]
    [InlineData(" three\n", " three\n\\ No newline at end of file\n")]
    [InlineData("a/a.txt b/a.txt\nindex 1..2 100644\n--- a/a.txt\n+++ b/a.txt", "a/c.txt b/c.txt\n--- a/c.txt\n+++ b/c.txt")]
    [InlineData("index 1..2 100644", "old mode 100755\nnew mode 100644")]
    public void Change_that_does_not_fit_exactly_is_refused(string part, string other) => Refused(PatchFaultKind.DoesNotApply, Good.Replace(part, other, StringComparison.Ordinal));

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../up")]
    [InlineData("sub/../../up")]
    [InlineData(".git/hooks/pre-commit")]
    [InlineData("sub/.Git/config")]
    [InlineData(".edgecoder/policy.json")]
    [InlineData("sub\\..\\..\\up")]
    [InlineData("link/x")]
    [InlineData("A.TXT")]
    [InlineData("SUB/c.txt")]
    [InlineData("a.txt/c")]
    public void Path_that_escapes_or_collides_is_refused(string path)
    {
        File.CreateSymbolicLink(tree["link"], "sub");
        Refused(PatchFaultKind.PathEscape, New(path));
    }

    [Theory]
    [InlineData("120000")]
    [InlineData("160000")]
    [InlineData("040000")]
    [InlineData("104755")]
    [InlineData("100777")]
    public void Modes_of_links_submodules_and_other_tricks_are_refused(string mode)
    {
        Refused(PatchFaultKind.Malformed, New("new", mode));
        Refused(PatchFaultKind.Malformed, $"diff --git a/a.txt b/a.txt\nold mode 100644\nnew mode {mode}\n");
        Refused(PatchFaultKind.Malformed, Good.Replace("100644", mode, StringComparison.Ordinal));
    }

    [Fact]
    public void Link_of_the_snapshot_is_neither_changed_nor_removed()
    {
        File.CreateSymbolicLink(tree["link"], "a.txt");
        Refused(PatchFaultKind.DoesNotApply, Good.Replace("a.txt", "link", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_that_disagree_are_refused()
    {
        Refused(PatchFaultKind.Malformed, Good.Replace("+++ b/a.txt", "+++ b/sub/b.txt", StringComparison.Ordinal));
        Refused(PatchFaultKind.Malformed, Good.Replace("diff --git a/a.txt b/a.txt", "diff --git a/a.txt b/x.txt", StringComparison.Ordinal));
        Refused(PatchFaultKind.Malformed, "Subject: words\n" + Good);
        Refused(PatchFaultKind.Malformed, Good + "words\n");
        Refused(PatchFaultKind.Malformed, Good.Replace("@@ -1,3 +1,3 @@", "@@ -1,4 +1,4 @@", StringComparison.Ordinal));
    }

    [Fact]
    public void One_bad_file_leaves_all_as_they_were() => Refused(PatchFaultKind.DoesNotApply, Good + New("sub/b.txt"));

    [Fact]
    public void File_named_twice_is_refused() => Refused(PatchFaultKind.DoesNotApply, Good + Good);

    [Fact]
    public void Empty_patch_changes_nothing()
    {
        Assert.Null(Apply("").Fault);
        Assert.Equal("one\ntwo\nthree\n", File.ReadAllText(tree["a.txt"]));
    }

    [Fact]
    public void Whatever_git_writes_for_two_trees_makes_one_of_the_other()
    {
        var content = Gen.OneOf(
            Gen.OneOf("a\n", "b\n", "c\r\n", "\n", "d").Array[0, 12].Select(lines => Encoding.UTF8.GetBytes(string.Concat(lines))),
            Gen.Byte.Array[0, 300],
            Gen.Byte.Array[3_000].Select(bytes => bytes.Select(one => (byte)(one % 3)).ToArray()));
        var names = new[] { "a", "b c", "d/e", "d/ü", "d/f\"g", "j" };
        var entry = Gen.Select(Gen.OneOf(names), content, Gen.Bool);
        Gen.Select(entry.Array[0, 6], entry.Array[0, 6], Gen.Bool).Sample(
            (before, after, related) =>
            {
                using var repository = new TemporaryDirectory();
                using var other = new TemporaryDirectory();
                Trees.Git(repository.Path, "init", "-q");
                Fill(repository, before);
                Trees.Git(repository.Path, "add", "-A");
                Trees.Git(repository.Path, "commit", "-q", "--allow-empty", "-m", "x");
                Trees.Git(repository.Path, "checkout-index", "-a", "--prefix=" + other.Path + "/");
                if (!related)
                {
                    Trees.Git(repository.Path, "rm", "-rq", "--ignore-unmatch", ".");
                }

                Fill(repository, after);
                Trees.Git(repository.Path, "add", "-A");
                var diff = Trees.Git(repository.Path, "diff", "--cached", "--binary", "-M", "HEAD");
                var outcome = SnapshotPatch.Apply(diff, other.Path);
                Assert.True(outcome.Fault is null, outcome.Fault + "\n" + Encoding.UTF8.GetString(diff));
                Assert.Equal(Trees.Contents(repository.Path), Trees.Contents(other.Path));
            },
            iter: 40);
    }

    [Fact]
    public void No_bytes_whatever_make_it_throw_or_write_outside()
    {
        var piece = Gen.OneOf(Good, New("x"), "diff --git a/", "--- a/../../x\n", "+++ b/x\n", "@@ -0,0 +1 @@\n", "+x\n", "GIT binary patch\nliteral 3\n", "rename from ", "rename to ../y\n", "\\ No newline at end of file\n", "\"a\\", "\n", "delta 9\nzcmZ\n\n");
        piece.Array[0, 8].Sample(parts =>
        {
            using var inner = new TemporaryDirectory();
            inner.Write("top/a.txt", "one\ntwo\nthree\n");
            SnapshotPatch.Apply(Encoding.UTF8.GetBytes(string.Concat(parts)), inner["top"]);
            Assert.Equal(["top"], Directory.EnumerateFileSystemEntries(inner.Path).Select(Path.GetFileName));
        });
    }

    private static void Fill(TemporaryDirectory directory, (string Name, byte[] Content, bool Executable)[] entries)
    {
        foreach (var (name, content, executable) in entries)
        {
            var path = directory.Write(name, "");
            File.WriteAllBytes(path, content);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | (executable ? UnixFileMode.UserExecute : 0));
        }
    }

    private static string New(string path, string mode = "100644") => $"diff --git a/{path} b/{path}\nnew file mode {mode}\nindex 0..1\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n";

    private PatchOutcome Apply(string patch) => SnapshotPatch.Apply(Encoding.UTF8.GetBytes(patch), tree.Path);

    private void Refused(PatchFaultKind kind, string patch)
    {
        var before = Trees.Contents(tree.Path);
        var outcome = Apply(patch);
        Assert.True(outcome.Fault?.Kind == kind, $"{outcome.Fault?.ToString() ?? "applied"}\n{patch}");
        Assert.Equal(before, Trees.Contents(tree.Path));
    }
}
