using System.Buffers.Binary;
using System.Text;
using CsCheck;
using EdgeCoder.Executor.Isolation.AppContainer;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Tests.OtherSystems;

/// <summary>The pure parts for Windows: what a process is told, and what its end means.</summary>
public sealed class WindowsTests
{
    [Theory]
    [InlineData("a b|c", "\"a b\" c")]
    [InlineData("", "\"\"")]
    [InlineData("a\"b", "\"a\\\"b\"")]
    [InlineData("C:\\a b\\", "\"C:\\a b\\\\\"")]
    [InlineData("a\\\\b", "a\\\\b")]
    [InlineData("a\\\\\"b c", "\"a\\\\\\\\\\\"b c\"")]
    public void Arguments_are_quoted_by_the_rules_of_the_c_runtime(string arguments, string line) => Assert.Equal(line, WindowsArguments.Line(arguments.Split('|')));

    [Fact]
    public void Arguments_come_back_as_they_were() => Gen.String[Gen.Char["a\\\" \t"], 0, 12].Array[1, 6].Sample(arguments => Assert.Equal(arguments, Parse(WindowsArguments.Line(arguments))));

    [Fact]
    public void Argument_with_nul_is_refused() => Assert.Throws<ArgumentException>(() => WindowsArguments.Line(["a\0b"]));

    [Fact]
    public void Environment_is_sorted_and_ended_twice() => Assert.Equal("a=1\0B=2\0c=3\0\0", WindowsArguments.Environment(["c=3", "a=1", "B=2"]));

    [Fact]
    public void Descriptors_are_laid_out_as_the_c_runtime_reads_them()
    {
        var block = InheritedDescriptors.Block([0x11, 0x22, 0x33, 0x44, 0x55]);

        Assert.Equal(4 + 5 + (5 * 8), block.Length);
        Assert.Equal(5, BinaryPrimitives.ReadInt32LittleEndian(block));
        Assert.Equal([0x01, 0x09, 0x09, 0x09, 0x09], block[4..9]);
        Assert.Equal([0x11L, 0x22, 0x33, 0x44, 0x55], Enumerable.Range(0, 5).Select(i => BinaryPrimitives.ReadInt64LittleEndian(block.AsSpan(9 + (8 * i)))));
    }

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(1u, 1)]
    [InlineData(125u, 125)]
    [InlineData(137u, 134)]
    [InlineData(1816u, 152)]
    [InlineData(0xC0000005u, 139)]
    [InlineData(0xC0000017u, 137)]
    [InlineData(0xC0000409u, 134)]
    [InlineData(uint.MaxValue, 134)]
    public void Exit_codes_mean_what_signals_mean(uint code, int status) => Assert.Equal(status, WindowsExit.Status(code));

    [Fact]
    public void No_code_but_zero_is_success() => Gen.UInt.Where(code => code != 0).Sample(code => Assert.NotEqual(0, WindowsExit.Status(code)));

    [Theory]
    [InlineData(SnippetLanguage.Python, 256L << 20)]
    [InlineData(SnippetLanguage.JavaScript, 320L << 20)]
    public void Job_holds_one_process_with_its_time_and_memory(SnippetLanguage language, long memory)
    {
        var job = JobLimits.For(LimitPlan.Read(language, new()).Plan!);

        Assert.Equal((1u, 50_000_000L, (nuint)memory, (nuint)memory), (job.Processes, job.Time, job.JobMemoryBytes, job.ProcessMemoryBytes));
        Assert.Equal(0x2000u | 0x400 | 0x200 | 0x100 | 0x8 | 0x4, job.Flags);
    }

    // Written from "Parsing C command-line arguments": 2n backslashes and a quote give n and the quote opens or closes; 2n+1 give n and a quote.
    private static List<string> Parse(string line)
    {
        var arguments = new List<string>();
        for (var i = 0; i < line.Length; i++)
        {
            var (argument, quoted) = (new StringBuilder(), false);
            for (; i < line.Length && (quoted || line[i] is not (' ' or '\t')); i++)
            {
                var backslashes = line.AsSpan(i).IndexOfAnyExcept('\\') is >= 0 and var count ? count : line.Length - i;
                var beforeQuote = i + backslashes < line.Length && line[i + backslashes] == '"';
                argument.Append('\\', beforeQuote ? backslashes / 2 : backslashes);
                i += backslashes;
                if (!beforeQuote)
                {
                    _ = backslashes > 0 ? i-- : argument.Append(line[i]).Length;
                }
                else if (backslashes % 2 == 1)
                {
                    argument.Append('"');
                }
                else
                {
                    quoted = !quoted;
                }
            }

            arguments.Add(argument.ToString());
        }

        return arguments;
    }
}
