using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace EdgeCoder.Protocol.Canonical;

/// <summary>
/// Writes one canonical document after another. Members are written where they come and moved when an object turns out not to be in order, so what is
/// already sorted, as our own documents are, is written once and allocates nothing.
/// </summary>
internal sealed class CanonicalWriter
{
    // Longer documents are rare; their buffers are not kept.
    private const int KeptBytes = 64 * 1024;

    [ThreadStatic]
    private static CanonicalWriter? s_kept;

    private readonly ByteBuffer _names = new(256);
    private readonly List<Member> _members = [];
    private readonly ByteBuffer _output = new(1024);

    public static CanonicalWriter Rent()
    {
        var writer = s_kept ?? new();
        s_kept = null;
        return writer;
    }

    public static void Return(CanonicalWriter writer)
    {
        if (writer._output.Capacity <= KeptBytes)
        {
            s_kept = writer;
        }
    }

    /// <summary>The canonical form, valid until the next call. Throws <see cref="JsonException"/>.</summary>
    public ReadOnlySpan<byte> Write(ReadOnlySpan<byte> json)
    {
        _names.Count = 0;
        _members.Clear();
        _output.Count = 0;
        if (!Utf8.IsValid(json))
        {
            throw new JsonException("The text is not UTF-8.");
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            WriteValue(ref reader);
            if (reader.Read())
            {
                throw new JsonException("There is more than one value.");
            }
        }
        catch (InvalidOperationException fault)
        {
            // How the reader refuses a lone surrogate.
            throw new JsonException("A text is not Unicode.", fault);
        }

        return _output.Written;
    }

    private void WriteValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref reader);
                break;
            case JsonTokenType.String:
                WriteText(ref reader, default);
                break;
            case JsonTokenType.Number:
                CanonicalNumber.Write(ref reader, _output);
                break;
            case JsonTokenType.True:
                _output.Write("true"u8);
                break;
            case JsonTokenType.False:
                _output.Write("false"u8);
                break;
            default:
                _output.Write("null"u8);
                break;
        }
    }

    private void WriteArray(ref Utf8JsonReader reader)
    {
        _output.Write((byte)'[');
        for (var first = true; Next(ref reader) != JsonTokenType.EndArray; first = false)
        {
            if (!first)
            {
                _output.Write((byte)',');
            }

            WriteValue(ref reader);
        }

        _output.Write((byte)']');
    }

    private void WriteObject(ref Utf8JsonReader reader)
    {
        _output.Write((byte)'{');
        var begin = _output.Count;
        var firstMember = _members.Count;
        var firstName = _names.Count;
        var sorted = true;
        while (Next(ref reader) != JsonTokenType.EndObject)
        {
            if (_members.Count > firstMember)
            {
                _output.Write((byte)',');
            }

            var start = _output.Count;
            var nameStart = _names.Count;
            WriteText(ref reader, _names);
            _output.Write((byte)':');
            var nameEnd = _names.Count;
            Next(ref reader);
            WriteValue(ref reader);
            var member = new Member(nameStart, nameEnd - nameStart, start, _output.Count - start);
            sorted = sorted && (_members.Count == firstMember || Compare(_members[^1], member) < 0);
            _members.Add(member);
        }

        if (!sorted)
        {
            Sort(begin, firstMember);
        }

        _members.RemoveRange(firstMember, _members.Count - firstMember);
        _names.Count = firstName;
        _output.Write((byte)'}');
    }

    private void Sort(int begin, int firstMember)
    {
        var members = _members.GetRange(firstMember, _members.Count - firstMember);
        members.Sort(Compare);
        var copy = ArrayPool<byte>.Shared.Rent(_output.Count - begin);
        var at = 0;
        for (var i = 0; i < members.Count; i++)
        {
            if (i > 0)
            {
                if (Compare(members[i - 1], members[i]) == 0)
                {
                    ArrayPool<byte>.Shared.Return(copy);
                    throw new JsonException("A member is there twice.");
                }

                copy[at++] = (byte)',';
            }

            _output.Written.Slice(members[i].Start, members[i].Length).CopyTo(copy.AsSpan(at));
            at += members[i].Length;
        }

        _output.Count = begin;
        _output.Write(copy.AsSpan(0, at));
        ArrayPool<byte>.Shared.Return(copy);
    }

    /// <summary>RFC 8785 3.2.3: by UTF-16 code units. UTF-8 bytes have the same order, unless one side is beyond the basic plane.</summary>
    private int Compare(Member left, Member right)
    {
        var a = _names.Written.Slice(left.NameStart, left.NameLength);
        var b = _names.Written.Slice(right.NameStart, right.NameLength);
        return a.IndexOfAnyInRange((byte)0xEE, (byte)0xFF) < 0 && b.IndexOfAnyInRange((byte)0xEE, (byte)0xFF) < 0
            ? a.SequenceCompareTo(b)
            : string.CompareOrdinal(Encoding.UTF8.GetString(a), Encoding.UTF8.GetString(b));
    }

    private void WriteText(ref Utf8JsonReader reader, ByteBuffer? alsoTo)
    {
        if (!reader.ValueIsEscaped)
        {
            // Neither quotes, backslashes nor control characters: written as it came.
            alsoTo?.Write(reader.ValueSpan);
            CanonicalText.Quote(_output, reader.ValueSpan);
            return;
        }

        var pooled = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            ReadOnlySpan<byte> text = pooled.AsSpan(0, reader.CopyString(pooled));
            alsoTo?.Write(text);
            CanonicalText.Escape(_output, text);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType;
    }

    private readonly record struct Member(int NameStart, int NameLength, int Start, int Length);
}
