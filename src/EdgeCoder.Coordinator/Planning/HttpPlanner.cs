using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Decompositions;

namespace EdgeCoder.Coordinator.Planning;

/// <summary><c>POST {INFERENCE_URL}/decompose</c>, signed with the coordinator's key by the client's handler, with <c>x-inference-token</c> (coordinator-and-mesh 4.1).</summary>
internal sealed class HttpPlanner(HttpClient http, QueueOptions options, QueueClock time) : IPlanner
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <inheritdoc/>
    public async Task<DecomposeAnswer> DecomposeAsync(DecomposeRequest request, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, InferenceJson.Default.DecomposeRequest));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(options.InferenceUrl, "/decompose")) { Content = content };
        if (options.InferenceToken is { } token)
        {
            message.Headers.Add("x-inference-token", token);
        }

        try
        {
            using var answer = await http.SendAsync(message, either.Token);
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadFromJsonAsync(InferenceJson.Default.DecomposeAnswer, either.Token) ?? throw new HttpRequestException("The inference service answered nothing.");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The inference service did not answer in time.");
        }
        catch (JsonException fault)
        {
            throw new HttpRequestException("The inference service answered something that is no plan.", fault);
        }
    }
}
