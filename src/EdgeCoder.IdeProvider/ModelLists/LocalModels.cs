using System.Net.Http;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Upstreams;

namespace EdgeCoder.IdeProvider.ModelLists;

/// <summary>
/// The models of this machine, as the inference service lists them. A list at most two seconds old is used as it is; up to half a minute it is used
/// while a newer one is fetched, so that no request waits for it.
/// </summary>
internal sealed class LocalModels(LocalUpstream inference, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Usable = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private (IReadOnlyList<ModelEntry> Models, long At)? _last;
    private Task<IReadOnlyList<ModelEntry>>? _fetching;

    /// <summary>The models. Throws <see cref="Refusal"/> 503 <c>local_model_unavailable</c> when the inference service cannot be asked.</summary>
    public ValueTask<IReadOnlyList<ModelEntry>> ListAsync(CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<ModelEntry>> fetching;
        lock (_gate)
        {
            var age = _last is { } last ? time.GetElapsedTime(last.At) : TimeSpan.MaxValue;
            if (age < Fresh)
            {
                return new(_last!.Value.Models);
            }

            fetching = _fetching ??= FetchAsync();
            if (age < Usable)
            {
                return new(_last!.Value.Models);
            }
        }

        return new(fetching.WaitAsync(cancellationToken));
    }

    /// <summary>Forgets the list: a call has shown that it is no longer true.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _last = null;
        }
    }

    private async Task<IReadOnlyList<ModelEntry>> FetchAsync()
    {
        await Task.Yield();
        try
        {
            using var limit = new CancellationTokenSource(Patience, time);
            using var answer = await inference.GetAsync("v1/models", limit.Token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                throw Away($"{inference} answers {(int)answer.StatusCode} to a question for its models.");
            }

            var page = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false), ModelListJson.Default.ModelPage);
            var models = page?.Data ?? throw Away($"{inference} lists no models.");
            lock (_gate)
            {
                _last = (models, time.GetTimestamp());
            }

            return models;
        }
        catch (JsonException)
        {
            Forget();
            throw new Refusal(503, "local_model_unavailable", $"{inference} lists its models in a form that this program does not know. Start both in the same version.");
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            Forget();
            throw Away($"{inference} does not answer.");
        }
        finally
        {
            lock (_gate)
            {
                _fetching = null;
            }
        }
    }

    private static Refusal Away(string detail) => new(503, "local_model_unavailable", detail + " Start it with: edgecoder up") { RetryAfter = 5 };
}
