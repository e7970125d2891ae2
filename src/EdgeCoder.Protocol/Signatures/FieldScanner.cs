using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EdgeCoder.Protocol.Signatures;

/// <summary>A bare item: an integer or a text; both null for the kinds that signatures do not use.</summary>
internal sealed record FieldItem(long? Integer, string? Text)
{
    public static readonly FieldItem True = new(null, null);
}

/// <summary>Moves over the characters of a structured field (RFC 8941 4.2). Each Try leaves the position behind what it took, and says false where that is malformed.</summary>
internal ref struct FieldScanner(string field)
{
    // RFC 8941 3.3.1: an integer has at most 15 digits.
    private const int MostDigits = 15;

    private readonly string _field = field;

    public int Position { get; private set; }

    public readonly bool AtEnd => Position >= _field.Length;

    private readonly char Current => AtEnd ? '\0' : _field[Position];

    public readonly string Since(int start) => start == Position ? "" : _field[start..Position];

    public void SkipSpace()
    {
        while (Current == ' ')
        {
            Position++;
        }
    }

    public bool TryTake(char character)
    {
        if (Current != character)
        {
            return false;
        }

        Position++;
        return true;
    }

    /// <summary>A comma and another member behind it, or the end.</summary>
    public bool TryNextMember()
    {
        SkipOptionalSpace();
        if (AtEnd)
        {
            return true;
        }

        if (!TryTake(','))
        {
            return false;
        }

        SkipOptionalSpace();
        return !AtEnd;
    }

    public bool TryKey(out string key)
    {
        var start = Position;
        while (Current is (>= 'a' and <= 'z') or '*' || (Position > start && Current is (>= '0' and <= '9') or '_' or '-' or '.'))
        {
            Position++;
        }

        key = Since(start);
        return key.Length > 0;
    }

    public bool TryItem([NotNullWhen(true)] out FieldItem? item)
    {
        item = null;
        switch (Current)
        {
            case '"':
                if (TryText(out var text))
                {
                    item = new(null, text);
                }

                break;
            case ':':
                item = TryBytes(out _) ? FieldItem.True : null;
                break;
            case '?':
                Position++;
                item = TryTake('0') || TryTake('1') ? FieldItem.True : null;
                break;
            case '-' or (>= '0' and <= '9'):
                item = TryNumber();
                break;
            case '*' or (>= 'A' and <= 'Z') or (>= 'a' and <= 'z'):
                TakeToken();
                item = FieldItem.True;
                break;
        }

        return item is not null;
    }

    public bool TryText(out string text)
    {
        text = "";
        if (!TryTake('"'))
        {
            return false;
        }

        var start = Position;
        while (!AtEnd && Current is >= ' ' and <= '~')
        {
            if (Current == '"')
            {
                text = Since(start);
                Position++;
                return true;
            }

            if (Current == '\\')
            {
                // Nothing here needs an escape; one that is there reads as no signature.
                return false;
            }

            Position++;
        }

        return false;
    }

    public bool TryBytes(out ReadOnlySpan<char> base64)
    {
        base64 = default;
        var end = Current == ':' ? _field.IndexOf(':', Position + 1) : -1;
        if (end < 0)
        {
            return false;
        }

        base64 = _field.AsSpan(Position + 1, end - Position - 1);
        Position = end + 1;
        return true;
    }

    private FieldItem? TryNumber()
    {
        var start = Position;
        TryTake('-');
        var digits = Position;
        while (Current is >= '0' and <= '9')
        {
            Position++;
        }

        if (Current == '.')
        {
            Position++;
            while (Current is >= '0' and <= '9')
            {
                Position++;
            }

            return FieldItem.True;
        }

        return Position - digits is > 0 and <= MostDigits ? new(long.Parse(_field.AsSpan(start, Position - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), null) : null;
    }

    private void TakeToken()
    {
        while (char.IsAsciiLetterOrDigit(Current) || "!#$%&'*+-.^_`|~:/".Contains(Current, StringComparison.Ordinal))
        {
            Position++;
        }
    }

    private void SkipOptionalSpace()
    {
        while (Current is ' ' or '\t')
        {
            Position++;
        }
    }
}
