using System.Text;

namespace EdgeCoder.Agent.Tests.Files;

public sealed class EditFileToolTests : IDisposable
{
    private readonly Project _project = new();

    public void Dispose() => _project.Dispose();

    [Theory]
    [InlineData("$&")]
    [InlineData("$'$`$1")]
    [InlineData(@"\1\0\g<0>")]
    [InlineData("${x}$$")]
    public async Task New_text_is_literal(string odd)
    {
        _project.Write("a.txt", "one two three");
        await _project.CallAsync("edit_file", new { path = "a.txt", old_string = "two", new_string = odd });
        Assert.Equal($"one {odd} three", _project.Read("a.txt"));
    }

    [Fact]
    public async Task Old_text_is_literal_too()
    {
        _project.Write("a.txt", "f(.*) fxx");
        await _project.CallAsync("edit_file", new { path = "a.txt", old_string = "f(.*)", new_string = "g" });
        Assert.Equal("g fxx", _project.Read("a.txt"));
    }

    [Fact]
    public async Task Windows_line_ends_are_kept_when_the_model_says_lf()
    {
        _project.Write("a.txt", "one\r\ntwo\r\nthree\r\n");
        await _project.CallAsync("edit_file", new { path = "a.txt", old_string = "one\ntwo\n", new_string = "1\nmiddle\n2\n" });
        Assert.Equal("1\r\nmiddle\r\n2\r\nthree\r\n", _project.Read("a.txt"));
    }

    [Fact]
    public async Task A_line_that_is_added_in_one_line_gets_the_files_line_end()
    {
        _project.Write("a.txt", "one\r\ntwo\r\n");
        await _project.CallAsync("edit_file", new { path = "a.txt", old_string = "one", new_string = "one\nand a half" });
        Assert.Equal("one\r\nand a half\r\ntwo\r\n", _project.Read("a.txt"));
    }

    [Fact]
    public async Task Unix_line_ends_are_kept_when_the_model_says_crlf()
    {
        _project.Write("a.txt", "one\ntwo\n");
        await _project.CallAsync("edit_file", new { path = "a.txt", old_string = "one\r\ntwo", new_string = "1\r\n2" });
        Assert.Equal("1\n2\n", _project.Read("a.txt"));
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    [InlineData("iso-8859-1", false)]
    public async Task Encoding_and_byte_order_mark_are_kept(string name, bool mark)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] Bytes(string text) => [.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes(text)];
        _project.Write("a.txt", Bytes("häuser alt\r\n"));
        await _project.CallAsync("edit_file", new { path = "a.txt", old_string = "alt", new_string = "grün" });
        Assert.Equal(Bytes("häuser grün\r\n"), File.ReadAllBytes(_project["a.txt"]));
    }

    [Fact]
    public async Task Character_that_the_encoding_cannot_hold_is_refused()
    {
        byte[] latin = [(byte)'a', 0xe4, (byte)'b'];
        _project.Write("a.txt", latin);
        Assert.Contains("cannot hold", await _project.RefusalAsync("edit_file", new { path = "a.txt", old_string = "b", new_string = "€" }));
        Assert.Equal(latin, File.ReadAllBytes(_project["a.txt"]));
    }

    [Fact]
    public async Task Mode_is_kept()
    {
        File.SetUnixFileMode(_project.Write("run.sh", "echo one"), (UnixFileMode)0b111_101_001);
        await _project.CallAsync("edit_file", new { path = "run.sh", old_string = "one", new_string = "two" });
        Assert.Equal((UnixFileMode)0b111_101_001, File.GetUnixFileMode(_project["run.sh"]));
    }

    [Fact]
    public async Task Several_occurrences_are_refused_with_their_lines_and_replaced_on_request()
    {
        _project.Write("a.txt", "x\ny\nx\n");
        Assert.Contains("lines 1, 3", await _project.RefusalAsync("edit_file", new { path = "a.txt", old_string = "x", new_string = "z" }));
        Assert.Equal("x\ny\nx\n", _project.Read("a.txt"));
        Assert.Contains("2 occurrences", await _project.TextAsync("edit_file", new { path = "a.txt", old_string = "x", new_string = "z", replace_all = true }));
        Assert.Equal("z\ny\nz\n", _project.Read("a.txt"));
    }

    [Fact]
    public async Task Text_that_is_not_there_is_answered_with_the_nearest_lines()
    {
        _project.Write("a.py", "import os\n\ndef parse_date(text):\n    return date(text)\n");
        var refusal = await _project.RefusalAsync("edit_file", new { path = "a.py", old_string = "def parse_dates(txt):\n    return date(text)", new_string = "x" });
        Assert.Contains("     3\tdef parse_date(text):", refusal);
        var space = await _project.RefusalAsync("edit_file", new { path = "a.py", old_string = "def parse_date(text):\n  return date(text)", new_string = "x" });
        Assert.Contains("Only white space differs", space);
    }

    [Fact]
    public async Task Empty_old_text_and_no_change_are_refused()
    {
        _project.Write("a.txt", "x");
        Assert.Contains("empty", await _project.RefusalAsync("edit_file", new { path = "a.txt", old_string = "", new_string = "z" }));
        Assert.Contains("same", await _project.RefusalAsync("edit_file", new { path = "a.txt", old_string = "x", new_string = "x" }));
    }

    [Fact]
    public async Task File_that_changed_since_it_was_read_is_refused_until_it_is_read_again()
    {
        _project.Write("a.txt", "one two");
        await _project.CallAsync("read_file", new { path = "a.txt" });
        _project.Write("a.txt", "one 2");
        Assert.Contains("changed since it was read", await _project.RefusalAsync("edit_file", new { path = "a.txt", old_string = "one", new_string = "1" }));
        Assert.Equal("one 2", _project.Read("a.txt"));
        await _project.CallAsync("read_file", new { path = "a.txt" });
        await _project.CallAsync("edit_file", new { path = "a.txt", old_string = "one", new_string = "1" });
        await _project.CallAsync("edit_file", new { path = "a.txt", old_string = "1", new_string = "I" });
        Assert.Equal("I 2", _project.Read("a.txt"));
    }

    [Fact]
    public async Task Hard_link_outside_keeps_its_content()
    {
        _project.Write("a.txt", "one");
        var outside = Path.Combine(_project.Outside, "linked.txt");
        Assert.Equal(0, await Shell.RunAsync("ln", _project["a.txt"], outside));
        await _project.CallAsync("edit_file", new { path = "a.txt", old_string = "one", new_string = "two" });
        Assert.Equal("two", _project.Read("a.txt"));
        Assert.Equal("one", await File.ReadAllTextAsync(outside, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Binary_file_and_protected_file_are_refused()
    {
        using var project = new Project(protectedGlobs: ["tests/**"]);
        project.Write("a.bin", [1, 0, 2]);
        project.Write("tests/test_a.py", "assert f() == 1");
        Assert.Contains("binary", await project.RefusalAsync("edit_file", new { path = "a.bin", old_string = "a", new_string = "b" }));
        Assert.Contains("protected", await project.RefusalAsync("edit_file", new { path = "tests/test_a.py", old_string = "1", new_string = "2" }));
        Assert.Contains("protected", await project.RefusalAsync("write_file", new { path = "tests/new.py", content = "" }));
    }
}
