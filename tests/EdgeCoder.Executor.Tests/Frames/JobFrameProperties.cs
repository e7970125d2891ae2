using System.Globalization;
using CsCheck;
using EdgeCoder.Executor.Fuzz.Targets;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Tests.Frames;

/// <summary>What the host writes is what a runner reads: by the rules, and by the runners themselves.</summary>
public sealed class JobFrameProperties(ExecutorFixture fixture)
{
    // Everything that has been a separator, an escape or half a character somewhere.
    private const string Odd = "\0\u0001\t\n\r\u001b\"'\\{}|= é\u00ff漢\ufeff\ufffd\uffff\u2028\ud83d\ude00e\u0301";

    [Fact]
    public void Fields_come_back_as_they_were() => Gen.String.Array[0, 20].Sample(fields =>
    {
        var frame = new JobFrame();
        Array.ForEach(fields, field => frame.Add(field));
        Assert.Equal(fields.Select(field => string.Concat(field.EnumerateRunes())), JobFrameTarget.Read(frame.ToBytes()));
    });

    [Theory]
    [InlineData(SnippetLanguage.Python, "main.py", "print(*(ord(c) for c in open('data.txt', encoding='utf-8', newline='').read()))")]
    [InlineData(SnippetLanguage.JavaScript, "main.js", "console.log(...[...require('fs').readFileSync('data.txt', 'utf8')].map((c) => c.codePointAt(0)))")]
    public async Task Runner_reads_every_character(SnippetLanguage language, string name, string program)
    {
        var result = await fixture.Executor.RunAsync(new RunRequest { Language = language, Files = [new(name, program), new("empty.txt", ""), new("data.txt", Odd), new("last.txt", "")] }, TestContext.Current.CancellationToken);

        Assert.Equal(string.Join(' ', Odd.EnumerateRunes().Select(rune => rune.Value.ToString(CultureInfo.InvariantCulture))) + "\n", result.Stdout);
    }
}
