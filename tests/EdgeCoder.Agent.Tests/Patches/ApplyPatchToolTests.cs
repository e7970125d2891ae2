using EdgeCoder.Agent.Tests.Files;

namespace EdgeCoder.Agent.Tests.Patches;

public sealed class ApplyPatchToolTests : IDisposable
{
    private readonly Project _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task Envelope_changes_adds_deletes_and_renames()
    {
        _project.Write("src/a.py", "import os\n\ndef f():\n    return 1\n\ndef g():\n    return 1\n");
        _project.Write("old.txt", "bye\n");
        _project.Write("name.txt", "one\ntwo\n");
        var said = await _project.TextAsync("apply_patch", new
        {
            patch = """
            *** Begin Patch
            *** Update File: src/a.py
            @@ def g():
            -    return 1
            +    return 2
            *** Add File: new/b.txt
            +first
            +
            +third
            *** Delete File: old.txt
            *** Update File: name.txt
            *** Move to: moved/name.txt
            @@
             one
            -two
            +2
            *** End Patch
            """,
        });
        Assert.Equal("import os\n\ndef f():\n    return 1\n\ndef g():\n    return 2\n", _project.Read("src/a.py"));
        Assert.Equal("first\n\nthird\n", _project.Read("new/b.txt"));
        Assert.False(File.Exists(_project["old.txt"]) || File.Exists(_project["name.txt"]));
        Assert.Equal("one\n2\n", _project.Read("moved/name.txt"));
        Assert.Equal("changed src/a.py (1 place)\nadded new/b.txt\ndeleted old.txt\nrenamed name.txt to moved/name.txt with 1 changes", said);
    }

    [Fact]
    public async Task Unified_diff_does_the_same()
    {
        _project.Write("a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
        _project.Write("gone.txt", "x\n");
        _project.Write("from.txt", "x\ny\n");
        await _project.CallAsync("apply_patch", new
        {
            patch = """
            diff --git a/a.txt b/a.txt
            --- a/a.txt
            +++ b/a.txt
            @@ -1,3 +1,3 @@
             1
            -2
            +two
             3
            @@ -7,3 +7,4 @@ context
             7
             8
             9
            +ten
            diff --git a/new.sh b/new.sh
            new file mode 100755
            --- /dev/null
            +++ b/new.sh
            @@ -0,0 +1 @@
            +echo
            \ No newline at end of file
            diff --git a/gone.txt b/gone.txt
            deleted file mode 100644
            --- a/gone.txt
            +++ /dev/null
            @@ -1 +0,0 @@
            -x
            diff --git a/from.txt b/to.txt
            similarity index 50%
            rename from from.txt
            rename to to.txt
            --- a/from.txt
            +++ b/to.txt
            @@ -1,2 +1,2 @@
             x
            -y
            +z
            """,
        });
        Assert.Equal("1\ntwo\n3\n4\n5\n6\n7\n8\n9\nten\n", _project.Read("a.txt"));
        Assert.Equal("echo", _project.Read("new.sh"));
        Assert.True(File.GetUnixFileMode(_project["new.sh"]).HasFlag(UnixFileMode.UserExecute));
        Assert.False(File.Exists(_project["gone.txt"]) || File.Exists(_project["from.txt"]));
        Assert.Equal("x\nz\n", _project.Read("to.txt"));
    }

    [Theory]
    [InlineData("""
        *** Update File: a.txt
        @@
        -one
        +1
        *** Update File: b.txt
        @@
        -not there
        +x
        """)]
    [InlineData("""
        *** Update File: a.txt
        @@
        -one
        +1
        *** Add File: ../x
        +x
        """)]
    [InlineData("""
        *** Delete File: a.txt
        *** Add File: b.txt
        +exists
        """)]
    [InlineData("""
        *** Add File: c/d.txt
        +x
        *** Update File: a.txt
        *** Move to: .git/hooks/x
        """)]
    public async Task A_patch_of_which_a_part_cannot_be_done_changes_nothing(string sections)
    {
        _project.Write("a.txt", "one\n");
        _project.Write("b.txt", "two\n");
        await _project.RefusalAsync("apply_patch", new { patch = $"*** Begin Patch\n{sections}\n*** End Patch" });
        AssertUntouched();
    }

    [Fact]
    public async Task A_patch_that_fails_while_it_is_written_is_taken_back()
    {
        _project.Write("a.txt", "one\n");
        _project.Write("b.txt", "two\n");
        _project.Write("file", "x\n");

        // All sections can be done by themselves; the third needs a directory where the second makes a file.
        var refusal = await _project.RefusalAsync("apply_patch", new
        {
            patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n*** Add File: c/d\n+x\n*** Delete File: b.txt\n*** Add File: c/d/e\n+x\n*** End Patch",
        });
        Assert.Contains("taken back whole", refusal);
        File.Delete(_project["file"]);
        AssertUntouched();
    }

    [Fact]
    public async Task White_space_is_tolerated_and_reported()
    {
        _project.Write("a.py", "class A:\n    def f(self):\n        if x:   \n            return 1\n");
        var said = await _project.TextAsync("apply_patch", new { patch = "*** Begin Patch\n*** Update File: a.py\n@@\n if x:\n-    return 1\n+    return 2\n+    # done\n*** End Patch" });
        Assert.Contains("note: change 1 of a.py fits line 3 only when white space is not compared", said);
        Assert.Equal("class A:\n    def f(self):\n        if x:   \n            return 2\n            # done\n", _project.Read("a.py"));
    }

    [Fact]
    public async Task Exact_place_wins_over_a_tolerant_one_and_doubt_is_refused()
    {
        _project.Write("a.txt", "  x\ny\nx\n");
        await _project.CallAsync("apply_patch", new { patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-x\n+z\n*** End Patch" });
        Assert.Equal("  x\ny\nz\n", _project.Read("a.txt"));
        _project.Write("b.txt", "x\ny\nx\n");
        Assert.Contains("lines 1, 3", await _project.RefusalAsync("apply_patch", new { patch = "*** Begin Patch\n*** Update File: b.txt\n@@\n-x\n+z\n*** End Patch" }));
        await _project.CallAsync("apply_patch", new { patch = "--- a/b.txt\n+++ b/b.txt\n@@ -3 +3 @@\n-x\n+z\n" });
        Assert.Equal("x\ny\nz\n", _project.Read("b.txt"));
    }

    [Fact]
    public async Task Line_ends_and_a_missing_last_one_are_kept()
    {
        _project.Write("a.txt", "one\r\ntwo\r\nthree");
        await _project.CallAsync("apply_patch", new { patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-two\n+2\n+2.5\n*** End Patch" });
        Assert.Equal("one\r\n2\r\n2.5\r\nthree", _project.Read("a.txt"));
        await _project.CallAsync("apply_patch", new { patch = "--- a/a.txt\n+++ b/a.txt\n@@ -4 +4,2 @@\n-three\n\\ No newline at end of file\n+3\n+4\n" });
        Assert.Equal("one\r\n2\r\n2.5\r\n3\r\n4\r\n", _project.Read("a.txt"));
    }

    [Fact]
    public async Task New_text_is_literal_and_a_removed_line_may_look_like_a_header()
    {
        _project.Write("a.sql", "-- one\nselect 1;\n");
        await _project.CallAsync("apply_patch", new { patch = "--- a/a.sql\n+++ b/a.sql\n@@ -1,2 +1,2 @@\n--- one\n+$& \\1\n select 1;\n" });
        Assert.Equal("$& \\1\nselect 1;\n", _project.Read("a.sql"));
    }

    [Fact]
    public async Task File_that_changed_since_it_was_read_is_refused()
    {
        _project.Write("a.txt", "one\n");
        await _project.CallAsync("read_file", new { path = "a.txt" });
        _project.Write("a.txt", "one\nmore\n");
        Assert.Contains("changed since it was read", await _project.RefusalAsync("apply_patch", new { patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n*** End Patch" }));
        Assert.Contains("changed since it was read", await _project.RefusalAsync("apply_patch", new { patch = "*** Begin Patch\n*** Delete File: a.txt\n*** End Patch" }));
    }

    [Fact]
    public async Task A_link_is_not_deleted_or_renamed_and_neither_is_what_it_points_to()
    {
        _project.Write("a.txt", "one\n");
        File.CreateSymbolicLink(_project["link.txt"], "a.txt");
        Assert.Contains("is a link", await _project.RefusalAsync("apply_patch", new { patch = "*** Begin Patch\n*** Delete File: link.txt\n*** End Patch" }));
        Assert.Contains("is a link", await _project.RefusalAsync("apply_patch", new { patch = "*** Begin Patch\n*** Update File: link.txt\n*** Move to: b.txt\n*** End Patch" }));
        Assert.Equal(["a.txt", "link.txt"], Directory.EnumerateFileSystemEntries(_project.Root.Directory).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("hello", "neither")]
    [InlineData("*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n", "may have been cut")]
    [InlineData("*** Begin Patch\n*** End Patch", "changes no file")]
    [InlineData("*** Begin Patch\n*** Update File: a.txt\n@@\n one\n*** End Patch", "no '-' or '+' line")]
    [InlineData("*** Begin Patch\n*** Frobnicate: a.txt\n*** End Patch", "expected '*** Add File:'")]
    [InlineData("--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n?\n", "begins with a space")]
    [InlineData("@@ -1 +1 @@\n-one\n+1\n--- a/a.txt\n+++ b/a.txt\n", "before the '--- '")]
    [InlineData("diff --git a/a.png b/a.png\nindex 1..2 100644\nGIT binary patch\nliteral 1\n", "binary")]
    public async Task Patch_that_does_not_parse_is_told_exactly(string patch, string reason)
    {
        _project.Write("a.txt", "one\n");
        Assert.Contains(reason, await _project.RefusalAsync("apply_patch", new { patch }));
        Assert.Equal("one\n", _project.Read("a.txt"));
    }

    private void AssertUntouched()
    {
        Assert.Equal(["a.txt", "b.txt"], Directory.EnumerateFileSystemEntries(_project.Root.Directory).Select(Path.GetFileName).Order());
        Assert.Equal("one\n", _project.Read("a.txt"));
        Assert.Equal("two\n", _project.Read("b.txt"));
    }
}
