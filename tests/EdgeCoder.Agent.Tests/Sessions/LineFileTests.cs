using System.Text;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Sessions;

public sealed class LineFileTests : IDisposable
{
    private static readonly JournalLine One = new() { Open = new OpenRecord(1, StepKind.Model, "a") };
    private static readonly JournalLine Two = new() { Open = new OpenRecord(2, StepKind.Run, "b") };

    private readonly TemporaryDirectory _directory = new();

    private string FilePath => _directory["journal.jsonl"];

    [Fact]
    public void Lines_are_read_back_in_order()
    {
        Append(One, Two);
        Assert.Equal([One, Two], Reopen());
    }

    [Fact]
    public void Torn_last_line_is_cut_off_and_the_next_line_starts_clean()
    {
        Append(One);
        File.AppendAllText(FilePath, "{\"open\":{\"st");
        Append(Two);
        Assert.Equal([One, Two], Reopen());
    }

    [Fact]
    public void Last_line_that_lost_only_its_end_still_counts()
    {
        Append(One);
        File.WriteAllText(FilePath, File.ReadAllText(FilePath).TrimEnd('\n'));
        Append(Two);
        Assert.Equal([One, Two], Reopen());
    }

    [Theory]
    [InlineData("garbage\n")]
    [InlineData("null\n")]
    [InlineData("{\"later\":{}}\n")]
    [InlineData("{\"open\":{\"step\":1}}\n")]
    [InlineData("\0\0\0\0\n")]
    public void Damaged_line_in_the_middle_is_refused_with_its_number(string line)
    {
        Append(One);
        File.AppendAllText(FilePath, line);
        File.AppendAllText(FilePath, File.ReadAllLines(FilePath)[0] + "\n");
        var fault = Assert.Throws<SessionStoreException>(Reopen);
        Assert.Equal("session_damaged", fault.Code);
        Assert.Contains("Line 2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_at_any_byte_gives_the_whole_lines_before_it()
    {
        Append(One, Two);
        var whole = File.ReadAllBytes(FilePath);
        var first = Encoding.UTF8.GetString(whole).IndexOf('\n', StringComparison.Ordinal);
        for (var cut = 0; cut <= whole.Length; cut++)
        {
            File.WriteAllBytes(FilePath, whole[..cut]);
            JournalLine[] expected = cut >= whole.Length - 1 ? [One, Two] : cut >= first ? [One] : [];
            Assert.Equal(expected, Reopen());
        }
    }

    [Fact]
    public void Full_disk_is_named_and_nothing_is_written_after_it()
    {
        var disk = new FullDisk(60);
        using var file = LineFile<JournalLine>.On(disk, JournalJson.Default);
        file.Append(One, durable: true);
        Assert.Equal("disk_full", Assert.Throws<SessionStoreException>(() => file.Append(Two, durable: true)).Code);
        var length = disk.Length;
        Assert.Throws<SessionStoreException>(() => file.Append(One, durable: true));
        Assert.Equal(length, disk.Length);
    }

    [Fact]
    public void Real_full_device_is_named()
    {
        using var full = new FileStream("/dev/full", new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Write, BufferSize = 0 });
        using var file = LineFile<JournalLine>.On(full, JournalJson.Default);
        var fault = Assert.Throws<SessionStoreException>(() => file.Append(One, durable: false));
        Assert.Equal("disk_full", fault.Code);
        Assert.NotNull(fault.Hint);
    }

    public void Dispose() => _directory.Dispose();

    private void Append(params JournalLine[] records)
    {
        using var file = LineFile<JournalLine>.Open(FilePath, JournalJson.Default, out _);
        foreach (var record in records)
        {
            file.Append(record, durable: false);
        }
    }

    private IReadOnlyList<JournalLine> Reopen()
    {
        using var file = LineFile<JournalLine>.Open(FilePath, JournalJson.Default, out var records);
        return records;
    }
}
