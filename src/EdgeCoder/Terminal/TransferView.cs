using System.Globalization;
using EdgeCoder.Inference.Catalogue;

namespace EdgeCoder.Terminal;

/// <summary>Shows how far a download is: live on a terminal, each tenth in a log.</summary>
internal sealed class TransferView(ProgressLine line, bool live) : IProgress<TransferProgress>
{
    private string? _status;
    private int _tenth = -1;

    /// <inheritdoc/>
    public void Report(TransferProgress value)
    {
        var tenth = (value.Percent ?? 0) / 10;
        if (!live && value.Status == _status && tenth == _tenth)
        {
            return;
        }

        (_status, _tenth) = (value.Status, tenth);
        var share = value.Percent is { } percent ? string.Create(CultureInfo.InvariantCulture, $" {percent} %") : "";
        var bytes = value.CompletedBytes > 0 ? $" ({Size(value.CompletedBytes)}{(value.TotalBytes is { } total ? " of " + Size(total) : "")})" : "";
        line.Show($"{value.ModelId}: {value.Status}{share}{bytes}");
    }

    /// <summary>A size as people read it; empty when unknown.</summary>
    public static string Size(long? bytes) => bytes switch
    {
        null => "",
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB"),
    };
}
