using CsCheck;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Tests;

public sealed class OutputCaptureProperties
{
    private static readonly Gen<(int Limit, byte[][] Pieces)> Streams = Gen.Select(Gen.Int[2, 200], Gen.Byte.Array[0, 150].Array[0, 12]);

    [Fact]
    public void Head_and_tail_are_those_of_the_whole_stream() => Streams.Sample(stream =>
    {
        var capture = new OutputCapture(stream.Limit);
        foreach (var piece in stream.Pieces)
        {
            capture.Add(piece);
        }

        var whole = stream.Pieces.SelectMany(piece => piece).ToArray();
        var (head, tail) = capture.Kept();
        Assert.Equal(whole.Length, capture.Total);
        Assert.Equal(Math.Max(0, whole.Length - stream.Limit), capture.Dropped);
        Assert.Equal(whole.Length - capture.Dropped, head.Length + tail.Length);
        Assert.Equal(whole[..head.Length], head);
        Assert.Equal(whole[(whole.Length - tail.Length)..], tail);
    });

    [Fact]
    public void Cut_text_has_no_broken_character() => Gen.Select(Gen.Int[2, 60], Gen.Char["aé漢\ud83d"].Array[0, 100].Select(letters => new string(letters))).Sample((limit, text) =>
    {
        var clean = text.Replace("\ud83d", "\ud83d\ude00", StringComparison.Ordinal);
        var capture = new OutputCapture(limit);
        capture.Add(System.Text.Encoding.UTF8.GetBytes(clean));

        Assert.DoesNotContain('\uFFFD', capture.Text());
    });

    [Fact]
    public void Detector_fires_on_a_cut_character()
    {
        var capture = new OutputCapture(4);
        capture.Add([0xE6, 0xBC]);

        Assert.Contains('\uFFFD', capture.Text());
    }
}
