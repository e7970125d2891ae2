using System.Globalization;
using System.Text;
using EdgeCoder.Portal.Pages;
using QRCoder;

namespace EdgeCoder.Portal.Credits;

/// <summary>An invoice as a code for cameras (ISO/IEC 18004), as the path of one SVG without styles.</summary>
internal static class InvoiceCode
{
    /// <summary>The code; null when the text is too long for one.</summary>
    public static CodeView? Of(string invoice)
    {
        try
        {
            // In capitals the code is smaller, and an invoice means the same (BOLT 11).
            using var data = QRCodeGenerator.GenerateQrCode(invoice.ToUpperInvariant(), QRCodeGenerator.ECCLevel.L);
            var path = new StringBuilder();
            for (var y = 0; y < data.ModuleMatrix.Count; y++)
            {
                for (var x = 0; x < data.ModuleMatrix[y].Length; x++)
                {
                    if (data.ModuleMatrix[y][x])
                    {
                        path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                    }
                }
            }

            return new(data.ModuleMatrix.Count, path.ToString());
        }
        catch (QRCoder.Exceptions.DataTooLongException)
        {
            return null;
        }
    }
}
