using System.Text;
using EdgeCoder.Inference.Catalogue;

namespace EdgeCoder.Inference.Llama.Gguf;

/// <summary>
/// Writes a GGUF file, version 3: magic, version, counts, keys and values, the table of tensors, then their data, each aligned to 32 bytes.
/// Layout: ggml's <c>docs/gguf.md</c>. A file without tensors is a vocabulary that <see cref="LlamaModel.Load"/> can open with <c>vocabularyOnly</c>.
/// </summary>
public sealed class GgufWriter
{
    private const int Alignment = 32;

    private readonly List<(string Key, Action<BinaryWriter> Write)> _values = [];
    private readonly List<(string Name, long[] Dimensions, GgmlType Type, float[] Values)> _tensors = [];

    /// <summary>Adds a text value. A key that is there already is replaced, also by the other methods.</summary>
    public void Add(string key, string value) => Set(key, w => WriteValue(w, GgufType.String, () => WriteText(w, value)));

    /// <summary>Adds a whole number.</summary>
    public void Add(string key, uint value) => Set(key, w => WriteValue(w, GgufType.UInt32, () => w.Write(value)));

    /// <summary>Adds a number.</summary>
    public void Add(string key, float value) => Set(key, w => WriteValue(w, GgufType.Float32, () => w.Write(value)));

    /// <summary>Adds a truth value.</summary>
    public void Add(string key, bool value) => Set(key, w => WriteValue(w, GgufType.Bool, () => w.Write(value)));

    /// <summary>Adds an array of texts.</summary>
    public void Add(string key, IReadOnlyCollection<string> values) => AddArray(key, GgufType.String, values, WriteText);

    /// <summary>Adds an array of numbers.</summary>
    public void Add(string key, IReadOnlyCollection<float> values) => AddArray(key, GgufType.Float32, values, (w, value) => w.Write(value));

    /// <summary>Adds an array of whole numbers.</summary>
    public void Add(string key, IReadOnlyCollection<int> values) => AddArray(key, GgufType.Int32, values, (w, value) => w.Write(value));

    /// <summary>Adds a tensor.</summary>
    /// <param name="name">Name, for instance <c>blk.0.attn_q.weight</c>.</param>
    /// <param name="dimensions">Fastest first: a matrix that maps <c>in</c> to <c>out</c> numbers, stored row by row per output, is <c>[in, out]</c>.</param>
    /// <param name="values">All numbers in that order. Kept, not copied, until <see cref="Save"/>.</param>
    /// <param name="type">Wanted storage. One-dimensional tensors are always stored as <see cref="GgmlType.F32"/>: llama.cpp asks for it.</param>
    /// <exception cref="ArgumentException">The number of values differs from the dimensions, or rows are not a multiple of 32 for <see cref="GgmlType.Q8_0"/>.</exception>
    public void AddTensor(string name, long[] dimensions, float[] values, GgmlType type)
    {
        if (dimensions.Aggregate(1L, (product, length) => product * length) != values.Length)
        {
            throw new ArgumentException($"{name} has {values.Length} values but dimensions {string.Join('x', dimensions)}.", nameof(values));
        }

        var stored = dimensions.Length == 1 ? GgmlType.F32 : type;
        if (!TensorEncoding.Fits(stored, dimensions[0]))
        {
            throw new ArgumentException($"{name} has rows of {dimensions[0]}, which is not a multiple of 32.", nameof(dimensions));
        }

        _tensors.Add((name, dimensions, stored, values));
    }

    /// <summary>Writes the file beside its place and moves it there when it is whole.</summary>
    public void Save(string path)
    {
        var unfinished = path + ".unfinished";
        using (var file = File.Create(unfinished))
        {
            Write(file);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Writes the file's bytes to a stream that can tell its position.</summary>
    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_values.Count);
        foreach (var (key, write) in _values)
        {
            WriteText(writer, key);
            write(writer);
        }

        WriteTensorTable(writer);
        foreach (var (_, _, type, values) in _tensors)
        {
            Pad(writer);
            writer.Write(TensorEncoding.Encode(values, type));
        }

        Pad(writer);
    }

    private void WriteTensorTable(BinaryWriter writer)
    {
        var offset = 0L;
        foreach (var (name, dimensions, type, values) in _tensors)
        {
            WriteText(writer, name);
            writer.Write((uint)dimensions.Length);
            foreach (var length in dimensions)
            {
                writer.Write((ulong)length);
            }

            writer.Write((uint)type);
            writer.Write((ulong)offset);
            offset += (TensorEncoding.Size(type, values.Length) + Alignment - 1) / Alignment * Alignment;
        }
    }

    private void AddArray<T>(string key, uint type, IReadOnlyCollection<T> values, Action<BinaryWriter, T> write) => Set(key, w => WriteValue(w, GgufType.Array, () =>
    {
        w.Write(type);
        w.Write((ulong)values.Count);
        foreach (var value in values)
        {
            write(w, value);
        }
    }));

    private void Set(string key, Action<BinaryWriter> write)
    {
        _values.RemoveAll(entry => entry.Key == key);
        _values.Add((key, write));
    }

    private static void WriteValue(BinaryWriter writer, uint type, Action write)
    {
        writer.Write(type);
        write();
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Pad(BinaryWriter writer)
    {
        writer.Flush();
        var past = (int)(writer.BaseStream.Position % Alignment);
        if (past != 0)
        {
            writer.Write(new byte[Alignment - past]);
        }
    }
}
