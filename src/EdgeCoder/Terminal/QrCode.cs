using QRCoder;
using Spectre.Console;

namespace EdgeCoder.Terminal;

/// <summary>A QR code (ISO/IEC 18004) in half blocks, black on white whatever the terminal's colours are, because cameras need it so.</summary>
internal static class QrCode
{
    /// <summary>Writes it; nothing where there are no colours or where the window is narrower than the code.</summary>
    /// <param name="console">A terminal.</param>
    /// <param name="text">What it holds; in capitals where it may be, which makes the code smaller.</param>
    /// <param name="width">Columns of the window.</param>
    public static void Write(IAnsiConsole console, string text, int width)
    {
        if (console.Profile.Capabilities.ColorSystem == ColorSystem.NoColors || Lines(text) is not { Length: > 0 } lines || lines[0].Length >= width)
        {
            return;
        }

        foreach (var line in lines)
        {
            console.Write(new Text(line, new Style(Color.Black, Color.White)));
            console.WriteLine();
        }
    }

    /// <summary>Its lines, dark modules drawn; empty when the text is too long for one.</summary>
    public static string[] Lines(string text)
    {
        try
        {
            using var data = QRCodeGenerator.GenerateQrCode(text.ToUpperInvariant(), QRCodeGenerator.ECCLevel.L);
            using var code = new AsciiQRCode(data);
            return code.GetGraphicSmall(drawQuietZones: true, invert: true).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (QRCoder.Exceptions.DataTooLongException)
        {
            return [];
        }
    }
}
