using CsCheck;
using EdgeCoder.Inference.Llama.Sampling;

namespace EdgeCoder.Inference.Tests.Llama.Sampling;

public sealed class StopScannerTests
{
    [Fact]
    public void Text_up_to_the_stop_string_passes_and_nothing_after()
    {
        var scanner = new StopScanner(["END"]);
        Assert.Equal("a", scanner.Push("aE"));
        Assert.Equal("", scanner.Push("N"));
        Assert.Equal("", scanner.Push("Dx"));
        Assert.True(scanner.Stopped);
        Assert.Equal("", scanner.Push("more"));
        Assert.Equal("", scanner.Finish());
    }

    [Fact]
    public void Beginning_that_leads_nowhere_is_passed_on()
    {
        var scanner = new StopScanner(["END"]);
        Assert.Equal("", scanner.Push("EN"));
        Assert.Equal("EN", scanner.Push("E"));
        Assert.Equal("E", scanner.Finish());
        Assert.False(scanner.Stopped);
    }

    [Fact]
    public void Any_cut_of_a_text_gives_what_the_whole_text_gives()
    {
        var text = Gen.Char["ab\n"].Array[0, 30].Select(characters => new string(characters));
        var stops = Gen.Char["ab\n"].Array[1, 4].Select(characters => new string(characters)).List[0, 3];
        Gen.Select(text, stops, Gen.Int[1, 5]).Sample((whole, stop, size) =>
        {
            var scanner = new StopScanner(stop);
            var shown = string.Concat(whole.Chunk(size).Select(piece => scanner.Push(piece))) + scanner.Finish();
            var first = stop.Select(s => whole.IndexOf(s, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();

            // The scanner stops at the first string that is complete, which ends earliest; that may begin later than a longer one.
            return first < 0
                ? shown == whole && !scanner.Stopped
                : scanner.Stopped && whole.StartsWith(shown, StringComparison.Ordinal) && stop.All(s => !shown.Contains(s, StringComparison.Ordinal))
                    && stop.Any(s => whole[shown.Length..].StartsWith(s, StringComparison.Ordinal));
        });
    }
}
