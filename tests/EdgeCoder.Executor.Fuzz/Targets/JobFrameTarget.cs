using System.Buffers.Binary;
using System.Text;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Fuzz.Targets;

/// <summary>The frame that a runner reads. The readers are <c>read_fields</c> of runner.py and <c>readJob</c> of runner.js; their rules are written down here once more.</summary>
internal sealed class JobFrameTarget : FuzzTarget
{
    private const char Separator = '|';

    /// <inheritdoc/>
    public override string Name => "frame";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = ["key|tests|subset||1|solution.py|print(1)\n"u8.ToArray(), "||"u8.ToArray(), []];

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words { get; } = ["|"u8.ToArray(), "\0\0\0\u0001"u8.ToArray(), "\ud83d\ude00"u8.ToArray(), [0xED, 0xA0, 0x80], [0xF0, 0x9F]];

    /// <inheritdoc/>
    public override void Check(byte[] input)
    {
        // Latin-1 and UTF-16 both, so that every pair of code units occurs, halves of surrogate pairs among them.
        foreach (var text in (string[])[Encoding.UTF8.GetString(input), Encoding.Latin1.GetString(input), Encoding.Unicode.GetString(input)])
        {
            var fields = text.Split(Separator);
            var frame = new JobFrame();
            foreach (var field in fields)
            {
                frame.Add(field);
            }

            var read = Read(frame.ToBytes());
            Require(read.SequenceEqual(fields.Select(WithoutHalves), StringComparer.Ordinal), "a runner reads other fields than were written");
        }
    }

    /// <summary>The runner's rules: a count, then that many fields with their length, 32-bit, big-endian, UTF-8; nothing may be left.</summary>
    public static List<string> Read(ReadOnlySpan<byte> frame)
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        var fields = new List<string>();
        var at = 4;
        for (var left = BinaryPrimitives.ReadInt32BigEndian(frame); left > 0; left--)
        {
            var size = BinaryPrimitives.ReadInt32BigEndian(frame[at..]);
            fields.Add(strict.GetString(frame.Slice(at + 4, size)));
            at += 4 + size;
        }

        Require(at == frame.Length, "bytes behind the last field");
        return fields;
    }

    private static string WithoutHalves(string field) => string.Concat(field.EnumerateRunes());
}
