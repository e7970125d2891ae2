using System.Diagnostics;
using System.Text;
using EdgeCoder.Commands;
using EdgeCoder.Executor;
using EdgeCoder.Inputs;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Tests.Inputs;

public sealed class ProgramFilesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("a.py", null, SnippetLanguage.Python, "a.py")]
    [InlineData("a.PY", null, SnippetLanguage.Python, "a.py")]
    [InlineData("my prog-1 ü.py", null, SnippetLanguage.Python, "my_prog-1__.py")]
    [InlineData("a.mjs", null, SnippetLanguage.JavaScript, "a.mjs")]
    [InlineData("a", "py", SnippetLanguage.Python, "main.py")]
    [InlineData("a.txt", "js", SnippetLanguage.JavaScript, "main.js")]
    public async Task Language_comes_from_the_extension_or_is_told(string file, string? named, SnippetLanguage language, string name)
    {
        var program = await ReadAsync(named, _directory.Write(file, "1"));
        Assert.Equal((language, name), (program.Language, program.Files[0].Name));
    }

    [Fact]
    public async Task A_program_on_standard_input_has_a_name()
    {
        var program = await ProgramFiles.ReadAsync(["-"], "py", () => new MemoryStream("\ufeffprint(1)"u8.ToArray()), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(new SnippetFile("main.py", "print(1)"), Assert.Single(program.Files));
    }

    [Fact]
    public async Task Files_beneath_the_first_keep_their_path_and_others_their_name()
    {
        var program = await ReadAsync(null, _directory.Write("app/main.py", "1"), _directory.Write("app/pack/inner.py", ""), _directory.Write("other/data.json", "{}"));
        Assert.Equal(["main.py", "pack/inner.py", "data.json"], program.Files.Select(file => file.Name));
    }

    [Theory]
    [InlineData("source_missing", "none.py")]
    [InlineData("source_missing", "")]
    [InlineData("unsupported_language", "a.rb")]
    [InlineData("unsupported_language", "a")]
    [InlineData("unknown_language", "a.py", "cobol")]
    [InlineData("language_mismatch", "a.py", "js")]
    [InlineData("language_needed", "-")]
    public Task What_cannot_be_run_is_refused(string code, string path, string? named = null) =>
        FaultAsync(code, named ?? (path.Length == 0 ? "py" : null), path is "-" or "" ? path : _directory[path]);

    [Theory]
    [InlineData("empty_code", " \n\t")]
    [InlineData("empty_code", "\ufeff")]
    [InlineData("source_nul", "a\n\0", "line 2")]
    public async Task Text_that_is_no_program_is_refused(string code, string text, string said = "") =>
        Assert.Contains(said, (await FaultAsync(code, null, _directory.Write("a.py", text))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { (byte)'a', 0xc3 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    public async Task Bytes_that_are_not_utf8_are_refused(byte[] bytes)
    {
        File.WriteAllBytes(_directory["a.py"], [.. "x = 1\n"u8, .. bytes]);
        Assert.Contains("line 2", (await FaultAsync("source_not_utf8", null, _directory["a.py"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task Ten_megabytes_are_refused() => FaultAsync("source_too_large", null, _directory.Write("a.py", new string('#', 10 << 20)));

    [Fact]
    public Task A_directory_is_no_program()
    {
        Directory.CreateDirectory(_directory["a.py"]);
        return FaultAsync("source_directory", null, _directory["a.py"]);
    }

    [Fact]
    public Task An_endless_device_is_too_large() => FaultAsync("source_too_large", "py", "/dev/zero");

    [Fact]
    public Task Two_files_of_one_name_are_refused() => FaultAsync("duplicate_file", null, _directory.Write("x/a.py", "1"), _directory.Write("y/a.py", "2"));

    [Fact]
    public Task Files_of_two_languages_are_refused() => FaultAsync("language_mismatch", null, _directory.Write("a.py", "1"), _directory.Write("b.js", "2"));

    [Fact]
    public Task Only_the_first_comes_from_standard_input() => FaultAsync("usage", null, _directory.Write("a.py", "1"), "-");

    [Fact]
    public async Task A_named_pipe_that_nobody_writes_to_is_given_up()
    {
        var pipe = _directory["a.py"];
        using (var make = Process.Start("mkfifo", [pipe]))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var time = new FakeTimeProvider();
        var reading = ProgramFiles.ReadAsync([pipe], null, () => Stream.Null, time, TestContext.Current.CancellationToken);
        time.Advance(BoundedText.Patience);
        Assert.Equal("source_unreadable", (await Assert.ThrowsAsync<UsageException>(() => reading)).Code);
        // Lets the thread go that waits for a writer.
        await File.WriteAllTextAsync(pipe, "", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Reading_what_never_ends_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var reading = new BoundedText("stdin", "Standard input", 10).ReadAsync(new EndlessStream(), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    private static Task<ProgramFiles> ReadAsync(string? named, params string[] paths) =>
        ProgramFiles.ReadAsync(paths, named, () => new MemoryStream(Encoding.UTF8.GetBytes("1")), TimeProvider.System, TestContext.Current.CancellationToken);

    private static async Task<UsageException> FaultAsync(string code, string? named, params string[] paths)
    {
        var fault = await Assert.ThrowsAsync<UsageException>(() => ReadAsync(named, paths));
        Assert.Equal(code, fault.Code);
        return fault;
    }

    /// <summary>A pipe that stays open and silent.</summary>
    private sealed class EndlessStream : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await new TaskCompletionSource().Task;
            return 0;
        }
    }
}
