using System.Runtime.InteropServices;
using System.Text.Json;
using EdgeCoder.Training.Learning;
using EdgeCoder.Training.Tokens;

namespace EdgeCoder.Training.Export;

/// <summary>What training leaves behind: shape, vocabulary and weights in full precision. One line of JSON, then the floats, little endian.</summary>
internal static class Checkpoint
{
    /// <summary>Writes the file beside its place and moves it there when it is whole.</summary>
    public static void Save(string path, Parameters parameters, Vocabulary vocabulary)
    {
        var unfinished = path + ".unfinished";
        using (var stream = File.Create(unfinished))
        {
            var head = new Head(parameters.Shape, [.. vocabulary.Merges.SelectMany(merge => (int[])[merge.Left, merge.Right])]);
            stream.Write(JsonSerializer.SerializeToUtf8Bytes(head));
            stream.WriteByte((byte)'\n');
            stream.Write(MemoryMarshal.AsBytes(parameters.Values.Span));
        }

        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Reads a file. The caller disposes the parameters. Throws <see cref="InvalidDataException"/> when it is not whole.</summary>
    public static (Parameters Parameters, Vocabulary Vocabulary) Load(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var end = bytes.AsSpan().IndexOf((byte)'\n');
        var head = end < 0 ? null : JsonSerializer.Deserialize<Head>(bytes.AsSpan(0, end));
        if (head is null)
        {
            throw new InvalidDataException($"{path} is no checkpoint.");
        }

        var parameters = new Parameters(head.Shape);
        var floats = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(end + 1));
        if (floats.Length != parameters.Values.Length)
        {
            parameters.Dispose();
            throw new InvalidDataException($"{path} has {floats.Length} weights; its shape needs {parameters.Values.Length}.");
        }

        floats.CopyTo(parameters.Values.Span);
        return (parameters, new Vocabulary([.. head.Merges.Chunk(2).Select(pair => (pair[0], pair[1]))]));
    }

    private sealed record Head(ModelShape Shape, int[] Merges);
}
