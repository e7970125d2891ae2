using System.Text;

namespace EdgeCoder.Agent.Tests.Files;

public sealed class ReadAndWriteToolTests : IDisposable
{
    private readonly Project _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task Lines_are_numbered_and_the_rest_is_named()
    {
        _project.Write("a.txt", "one\ntwo\nthree\n");
        Assert.Equal("     1\tone\n     2\ttwo\n     3\tthree", await _project.TextAsync("read_file", new { path = "a.txt" }));
        Assert.Equal("     2\ttwo\n[lines 2 to 2 of 3; go on with offset 3]", await _project.TextAsync("read_file", new { path = "a.txt", offset = 2, limit = 1 }));
        Assert.Contains("there is no line 9", await _project.RefusalAsync("read_file", new { path = "a.txt", offset = 9 }));
    }

    [Fact]
    public async Task Binary_huge_and_empty_files_are_described()
    {
        _project.Write("a.png", [0x89, (byte)'P', (byte)'N', (byte)'G', 0, 1, 2]);
        _project.Write("empty", "");
        await using (var huge = File.Create(_project["huge.txt"]))
        {
            huge.SetLength(5L << 30); // A hole: it takes no room.
        }

        Assert.Contains("binary file of 7 bytes (a PNG image)", await _project.TextAsync("read_file", new { path = "a.png" }));
        Assert.Contains("is empty", await _project.TextAsync("read_file", new { path = "empty" }));
        Assert.Contains("too many to show", await _project.TextAsync("read_file", new { path = "huge.txt" }));
        Assert.Contains("5368709120 bytes", await _project.RefusalAsync("edit_file", new { path = "huge.txt", old_string = "a", new_string = "b" }));
    }

    [Fact]
    public async Task No_result_is_larger_than_its_cap()
    {
        _project.Write("long.txt", string.Concat(Enumerable.Repeat(new string('x', 150) + "\n", 5_000)));
        _project.Write("wide.txt", new string('y', 9 << 20));
        for (var i = 0; i < 1_200; i++)
        {
            _project.Write($"many/a-file-with-quite-a-long-name-number-{i}", "y");
        }

        object[] calls = [new { path = "long.txt", limit = 5_000 }, new { path = "wide.txt" }, new { path = "many" }, new { pattern = "x+|y", max_results = 1_000, context = 20 }];
        string[] tools = ["read_file", "read_file", "list_directory", "search_files"];
        for (var i = 0; i < calls.Length; i++)
        {
            var result = await _project.CallAsync(tools[i], calls[i]);
            Assert.True(result.Truncated);
            Assert.InRange(Encoding.UTF8.GetByteCount(result.Text), 1, 64 << 10);
            Assert.Matches(@"\[.*(go on with offset|more characters|more entries|matching lines shown)", result.Text);
        }
    }

    [Fact]
    public async Task Missing_file_and_directory_are_told()
    {
        Directory.CreateDirectory(_project["dir"]);
        Assert.Contains("There is no file x.txt", await _project.RefusalAsync("read_file", new { path = "x.txt" }));
        Assert.Contains("There is no file x/y.txt", await _project.RefusalAsync("read_file", new { path = "x/y.txt" }));
        Assert.Contains("is a directory", await _project.RefusalAsync("read_file", new { path = "dir" }));
        Assert.Contains("There is no directory x", await _project.RefusalAsync("list_directory", new { path = "x" }));
    }

    [Fact]
    public async Task Directory_shows_sizes_and_leaves_out_what_is_ignored_or_hidden()
    {
        _project.Write("b.txt", "12345");
        _project.Write("dir/inner.txt", "1");
        _project.Write("build/x", "1");
        _project.Write(".hidden", "1");
        _project.Write(".gitignore", "build/\n");
        File.CreateSymbolicLink(_project["out"], "/etc/hostname");
        Assert.Equal("file b.txt (5 bytes)\ndir dir/\nlink out (leads outside the project or to nothing)", await _project.TextAsync("list_directory", new { path = "." }));
        Assert.Equal("dir dir/\n  file inner.txt (1 bytes)", (await _project.TextAsync("list_directory", new { path = ".", recursive = true })).Split("bytes)\n", 2)[1].Split("\nlink")[0]);
        Assert.Contains("file .hidden", await _project.TextAsync("list_directory", new { path = ".", hidden = true }));
    }

    [Fact]
    public async Task Names_that_are_not_utf8_do_not_break_lists_searches_or_maps()
    {
        Assert.Equal(0, await Shell.RunAsync("sh", "-c", "mkdir \"$1/$(printf 'd\\377')\" && echo needle > \"$1/$(printf 'd\\377')/a.py\" && echo needle > \"$1/$(printf 'caf\\351.py')\" && echo needle > \"$1/ok.py\"", "sh", _project.Root.Directory));
        Assert.Contains(@"file caf\xE9.py (the name is not UTF-8", await _project.TextAsync("list_directory", new { path = ".", recursive = true }));
        Assert.Contains("ok.py:1: needle\n[1 matching lines", await _project.TextAsync("search_files", new { pattern = "needle" }));
        Assert.Contains("There is no file", await _project.RefusalAsync("read_file", new { path = @"caf\xE9.py" }));

        // What lies in a directory without a name cannot be masked by name: the root stands for it.
        Assert.Equal([EdgeCoder.Agent.Roots.ProjectPath.Root], _project.Secrets.DeniedIn(_project.Root, TestContext.Current.CancellationToken));
        Assert.Equal(0, await Shell.RunAsync("find", _project.Root.Directory, "-mindepth", "1", "-delete")); // .NET cannot.
    }

    [Fact]
    public async Task New_file_gets_its_directories()
    {
        Assert.Contains("Created a/b/c.txt", await _project.TextAsync("write_file", new { path = "a/b/c.txt", content = "x\n" }));
        Assert.Equal("x\n", _project.Read("a/b/c.txt"));
        Assert.Contains("reserved", await _project.RefusalAsync("write_file", new { path = "a/nul.txt", content = "x" }));
        Assert.Contains("stream", await _project.RefusalAsync("write_file", new { path = "ab:c", content = "x" }));
    }

    [Fact]
    public async Task Unread_half_read_and_changed_files_are_not_overwritten()
    {
        _project.Write("a.txt", "one\ntwo\n");
        var call = new { path = "a.txt", content = "new\n" };
        Assert.Contains("was not read", await _project.RefusalAsync("write_file", call));
        await _project.CallAsync("read_file", new { path = "a.txt", limit = 1 });
        Assert.Contains("only in part", await _project.RefusalAsync("write_file", call));
        await _project.CallAsync("read_file", new { path = "a.txt", offset = 2 });
        _project.Write("a.txt", "one\n2\n");
        Assert.Contains("changed since", await _project.RefusalAsync("write_file", call));
        Assert.Equal("one\n2\n", _project.Read("a.txt"));
        await _project.CallAsync("read_file", new { path = "a.txt" });
        await _project.CallAsync("write_file", call);
        await _project.CallAsync("write_file", new { path = "a.txt", content = "newer\n" });
        Assert.Equal("newer\n", _project.Read("a.txt"));
    }

    [Fact]
    public async Task Overwriting_keeps_encoding_and_line_ends()
    {
        byte[] Bytes(string text) => [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)];
        _project.Write("a.txt", Bytes("one\r\ntwo\r\n"));
        await _project.CallAsync("read_file", new { path = "a.txt" });
        await _project.CallAsync("write_file", new { path = "a.txt", content = "ä\nb\n" });
        Assert.Equal(Bytes("ä\r\nb\r\n"), await File.ReadAllBytesAsync(_project["a.txt"], TestContext.Current.CancellationToken));
    }
}
