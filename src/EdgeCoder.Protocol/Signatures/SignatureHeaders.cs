using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Signatures;

/// <summary>
/// Reads the headers <c>Signature-Input</c> and <c>Signature</c>: dictionaries of structured fields (RFC 8941 3.2), as far as RFC 9421 uses them. What is
/// malformed, repeated or too much reads as nothing; nothing throws.
/// </summary>
public static class SignatureHeaders
{
    /// <summary>Name of the header with components and parameters.</summary>
    public const string Input = "Signature-Input";

    /// <summary>Name of the header with the signatures.</summary>
    public const string Signature = "Signature";

    // Longer headers, and more signatures or components, have no use here.
    private const int MostCharacters = 8192;
    private const int MostMembers = 16;

    /// <summary>All members of <c>Signature-Input</c>; empty when it is absent or any part is malformed.</summary>
    public static IReadOnlyList<SignatureInput> ReadInputs(string? header)
    {
        var inputs = new List<SignatureInput>(1);
        var scan = new FieldScanner(header is { Length: <= MostCharacters } ? header : "");
        scan.SkipSpace();
        while (!scan.AtEnd)
        {
            if (inputs.Count == MostMembers || !scan.TryKey(out var label) || !scan.TryTake('=') || ReadInput(ref scan, label) is not { } input || inputs.Any(i => i.Label == label) || !scan.TryNextMember())
            {
                return [];
            }

            inputs.Add(input);
        }

        return inputs;
    }

    /// <summary>The signature of 64 bytes with a label; false when it is absent or malformed.</summary>
    public static bool TryReadSignature(string? header, string label, Span<byte> signature)
    {
        var scan = new FieldScanner(header is { Length: <= MostCharacters } ? header : "");
        var found = false;
        scan.SkipSpace();
        for (var members = 0; !scan.AtEnd; members++)
        {
            if (members == MostMembers || !scan.TryKey(out var key) || !scan.TryTake('=') || !scan.TryBytes(out var text) || !SkipParameters(ref scan))
            {
                return false;
            }

            if (key == label && (found || !Base64Text.TryRead(text, signature)))
            {
                return false;
            }

            found |= key == label;
            if (!scan.TryNextMember())
            {
                return false;
            }
        }

        return found;
    }

    private static SignatureInput? ReadInput(ref FieldScanner scan, string label)
    {
        var start = scan.Position;
        if (!scan.TryTake('(') || ReadComponents(ref scan) is not { } components)
        {
            return null;
        }

        var input = new SignatureInput { Label = label, Text = "", Components = components };
        var seen = 0;
        while (scan.TryTake(';'))
        {
            scan.SkipSpace();
            var value = FieldItem.True;
            if (!scan.TryKey(out var name) || (scan.TryTake('=') && !scan.TryItem(out value)))
            {
                return null;
            }

            var bit = name switch { "created" => 1, "expires" => 2, "nonce" => 4, "keyid" => 8, "alg" => 16, "tag" => 32, _ => 0 };
            if (bit == 0)
            {
                continue;
            }

            if ((seen & bit) != 0)
            {
                return null;
            }

            seen |= bit;
            input = bit switch
            {
                1 => input with { HasCreated = true, Created = value.Integer },
                2 => input with { HasExpires = true, Expires = value.Integer },
                4 => input with { Nonce = value.Text },
                8 => input with { KeyId = value.Text },
                16 => input with { Algorithm = value.Text ?? "?" },
                _ => input with { Tag = value.Text },
            };
        }

        return input with { Text = scan.Since(start) };
    }

    private static List<SignatureComponent>? ReadComponents(ref FieldScanner scan)
    {
        var components = new List<SignatureComponent>(4);
        while (true)
        {
            scan.SkipSpace();
            if (scan.TryTake(')'))
            {
                return components;
            }

            if (components.Count == MostMembers || !scan.TryText(out var name))
            {
                return null;
            }

            var start = scan.Position;
            if (!SkipParameters(ref scan))
            {
                return null;
            }

            var component = new SignatureComponent(name, scan.Since(start));
            if (components.Contains(component))
            {
                return null;
            }

            components.Add(component);
        }
    }

    private static bool SkipParameters(ref FieldScanner scan)
    {
        while (scan.TryTake(';'))
        {
            scan.SkipSpace();
            if (!scan.TryKey(out _) || (scan.TryTake('=') && !scan.TryItem(out _)))
            {
                return false;
            }
        }

        return true;
    }
}
