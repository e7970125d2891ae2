using EdgeCoder.Commands;
using EdgeCoder.Inputs;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Tests.Inputs;

public sealed class FileInputTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_tests_file_is_read_with_its_name()
    {
        var file = await TestsFile.ReadAsync(_directory.Write("t.py", "assert f(1) == 1\n"), TestContext.Current.CancellationToken);
        Assert.Equal(("t.py", "assert f(1) == 1\n"), (file.Name, file.Text));
    }

    [Fact]
    public async Task A_missing_tests_file_is_refused_by_name() => Assert.Contains("none.py", (await TestsFaultAsync(_directory["none.py"], "tests_unreadable")).Message, StringComparison.Ordinal);

    [Fact]
    public Task A_directory_is_no_tests_file() => TestsFaultAsync(_directory.Path, "tests_unreadable");

    [Fact]
    public Task An_empty_tests_file_proves_nothing() => TestsFaultAsync(_directory.Write("t.py", " \n"), "empty_tests");

    [Fact]
    public Task A_binary_tests_file_is_refused()
    {
        File.WriteAllBytes(_directory["t.py"], [0xff, 0xfe, 0x00]);
        return TestsFaultAsync(_directory["t.py"], "tests_unreadable");
    }

    [Fact]
    public Task A_huge_tests_file_is_refused() => TestsFaultAsync(_directory.Write("t.py", new string('#', TestsFile.MaxBytes + 1)), "tests_too_large");

    [Fact]
    public void Output_replaces_nothing_unless_told()
    {
        var path = _directory.Write("out.py", "mine");
        Assert.Equal("output_exists", Assert.Throws<UsageException>(() => OutputFile.Prepare(path, overwrite: false)).Code);
        OutputFile.Prepare(path, overwrite: true).Write("new");
        Assert.Equal("new", File.ReadAllText(path));
    }

    [Fact]
    public void Output_leaves_nothing_beside_it()
    {
        OutputFile.Prepare(_directory["out.py"], overwrite: false).Write("x = 1\n");
        Assert.Equal([_directory["out.py"]], Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void Output_that_cannot_be_written_leaves_nothing_half_written()
    {
        var output = OutputFile.Prepare(_directory["out.py"], overwrite: false);
        // A directory that takes the name meanwhile makes the rename fail, for root too.
        Directory.CreateDirectory(_directory["out.py"]);
        File.WriteAllText(_directory["out.py/kept"], "");
        Assert.ThrowsAny<Exception>(() => output.Write("x"));
        Assert.Equal([_directory["out.py"]], Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void Output_in_a_missing_directory_is_refused_before_any_work() =>
        Assert.Equal("output_unwritable", Assert.Throws<UsageException>(() => OutputFile.Prepare(_directory["none/out.py"], overwrite: false)).Code);

    private static async Task<UsageException> TestsFaultAsync(string path, string code)
    {
        var fault = await Assert.ThrowsAsync<UsageException>(() => TestsFile.ReadAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal(code, fault.Code);
        return fault;
    }
}
