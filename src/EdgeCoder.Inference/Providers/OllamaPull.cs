using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.Inference.Catalogue;

namespace EdgeCoder.Inference.Providers;

/// <summary>A pull that Ollama does for itself. Progress is the sum over all layers, not the layer at hand.</summary>
internal static class OllamaPull
{
    public static async Task RunAsync(HttpClient http, string modelId, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/pull") { Content = JsonContent.Create(new OllamaModelName(modelId), ProviderJson.Default.OllamaModelName) };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        var layers = new Dictionary<string, (long Completed, long Total)>(StringComparer.Ordinal);
        var last = "";
        try
        {
            while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
            {
                if (line.Length == 0)
                {
                    continue;
                }

                var record = JsonSerializer.Deserialize(line, ProviderJson.Default.OllamaPullRecord)!;
                last = record.Status ?? last;
                if (record is { Digest: { } digest, Total: { } total })
                {
                    layers[digest] = (record.Completed ?? 0, total);
                }

                progress?.Report(new(modelId, last, layers.Values.Sum(layer => layer.Completed), layers.Count == 0 ? null : layers.Values.Sum(layer => layer.Total)));
            }
        }
        catch (ModelException e)
        {
            throw new ModelException("pull_failed", $"Ollama could not pull {modelId}. {e.Message}", e.Hint, e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException)
        {
            throw new ModelException("stream_read_error", $"The pull of {modelId} was cut off: {e.Message}", "Start it again; Ollama goes on where it stopped.", e);
        }

        if (last != "success")
        {
            throw new ModelException("stream_interrupted", $"The pull of {modelId} ended without success; the last word was \"{last}\".", "Start it again; Ollama goes on where it stopped.");
        }
    }
}
