namespace EdgeCoder.Executor.Fuzz;

/// <summary>Makes a new input of known ones. The same random source makes the same inputs.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words)
{
    private const int Longest = 64 * 1024;
    private static readonly byte[] Telling = [0x00, 0x01, 0x0A, 0x20, 0x22, 0x5C, 0x7B, 0x7D, 0x7F, 0x80, 0xC3, 0xED, 0xFF];

    /// <summary>One to eight changes of one input, some of which bring in a piece of another.</summary>
    public byte[] Next(IReadOnlyList<byte[]> pool)
    {
        var input = new List<byte>(Pick(pool));
        for (var changes = random.Next(1, 9); changes > 0; changes--)
        {
            Change(input, pool);
        }

        return [.. input.Take(Longest)];
    }

    private void Change(List<byte> input, IReadOnlyList<byte[]> pool)
    {
        var at = random.Next(input.Count + 1);
        var length = random.Next(1, 1 + Math.Max(1, Math.Min(64, input.Count - at)));
        switch (random.Next(8))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < input.Count:
                input[at] = Telling[random.Next(Telling.Length)];
                break;
            case 2:
                input.InsertRange(at, words.Count == 0 ? Telling : Pick(words));
                break;
            case 3 when at + length <= input.Count:
                input.RemoveRange(at, length);
                break;
            case 4 when at + length <= input.Count:
                var piece = input.GetRange(at, length);
                for (var times = random.Next(1, 5); times > 0; times--)
                {
                    input.InsertRange(at, piece);
                }

                break;
            case 5:
                var other = Pick(pool);
                var from = random.Next(other.Length + 1);
                input.InsertRange(at, other[from..]);
                break;
            case 6:
                input.RemoveRange(at, input.Count - at);
                break;
            default:
                var noise = new byte[random.Next(1, 9)];
                random.NextBytes(noise);
                input.InsertRange(at, noise);
                break;
        }
    }

    private T Pick<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];
}
