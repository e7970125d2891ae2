using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeCoder.Inference.Providers;

/// <summary>Small JSON questions to a model server: bounded in size, and any other answer is said to be what it is.</summary>
internal static class JsonCalls
{
    private const int MaxBytes = 16 << 20;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    public static async Task<T> GetAsync<T>(HttpClient http, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(http, request, type, cancellationToken).ConfigureAwait(false);
    }

    public static async Task<T> SendAsync<T>(HttpClient http, HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Longest);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(MaxBytes, limit.Token).ConfigureAwait(false);
            await using var body = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(body, type, limit.Token).ConfigureAwait(false)
                ?? throw new JsonException("The answer is null.");
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelException("model_unavailable", $"The model server at {http.BaseAddress} did not answer {request.RequestUri} in {Longest.TotalSeconds:0} s.", "Start it again, or choose another model: edgecoder models list", e);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            throw new ModelException("model_error", $"{http.BaseAddress} did not answer {request.RequestUri} as a model server does: {e.Message}", "Check the address in the settings.", e);
        }
    }
}
