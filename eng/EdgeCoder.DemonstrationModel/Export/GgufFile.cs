using System.Text;

namespace EdgeCoder.Training.Export;

/// <summary>
/// Writes GGUF version 3: magic, version, counts, key and value pairs, the table of tensors, then their data, each on a boundary of 32 bytes.
/// Source: the GGUF specification of the ggml project.
/// </summary>
internal sealed class GgufFile
{
    private const int Alignment = 32;

    private readonly List<(string Key, byte[] Value)> _pairs = [];
    private readonly List<(string Name, ulong[] Sizes, GgufTensorType Type, byte[] Data)> _tensors = [];

    /// <summary>Adds a text.</summary>
    public void Add(string key, string value) => AddPair(key, 8, writer => WriteText(writer, value));

    /// <summary>Adds an unsigned number.</summary>
    public void Add(string key, uint value) => AddPair(key, 4, writer => writer.Write(value));

    /// <summary>Adds a fraction.</summary>
    public void Add(string key, float value) => AddPair(key, 6, writer => writer.Write(value));

    /// <summary>Adds a truth value.</summary>
    public void Add(string key, bool value) => AddPair(key, 7, writer => writer.Write(value));

    /// <summary>Adds a list of texts.</summary>
    public void Add(string key, IReadOnlyList<string> values) => AddPair(key, 9, writer =>
    {
        writer.Write(8u);
        writer.Write((ulong)values.Count);
        foreach (var value in values)
        {
            WriteText(writer, value);
        }
    });

    /// <summary>Adds a list of signed numbers.</summary>
    public void Add(string key, IReadOnlyList<int> values) => AddPair(key, 9, writer =>
    {
        writer.Write(5u);
        writer.Write((ulong)values.Count);
        foreach (var value in values)
        {
            writer.Write(value);
        }
    });

    /// <summary>Adds a tensor. A matrix's fastest dimension, its columns, comes first in the file.</summary>
    public void Add(string name, int rows, int columns, ReadOnlySpan<float> values, GgufTensorType type) =>
        _tensors.Add((name, rows == 1 ? [(ulong)columns] : [(ulong)columns, (ulong)rows], type, GgufTensorData.Encode(values, type)));

    /// <summary>Writes the file.</summary>
    public void Save(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_pairs.Count);
        foreach (var (key, value) in _pairs)
        {
            WriteText(writer, key);
            writer.Write(value);
        }

        long offset = 0;
        foreach (var (name, sizes, type, data) in _tensors)
        {
            WriteText(writer, name);
            writer.Write((uint)sizes.Length);
            foreach (var size in sizes)
            {
                writer.Write(size);
            }

            writer.Write((uint)type);
            writer.Write((ulong)offset);
            offset += (data.Length + Alignment - 1) / Alignment * Alignment;
        }

        Pad(writer);
        foreach (var tensor in _tensors)
        {
            writer.Write(tensor.Data);
            Pad(writer);
        }
    }

    private void AddPair(string key, uint type, Action<BinaryWriter> write)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        writer.Write(type);
        write(writer);
        writer.Flush();
        _pairs.Add((key, memory.ToArray()));
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
        var over = (int)(writer.BaseStream.Position % Alignment);
        writer.Write(new byte[over == 0 ? 0 : Alignment - over]);
    }
}
