using System.Globalization;
using System.Runtime.CompilerServices;
using EdgeCoder.Inference.Local;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Demonstration;

/// <summary>
/// Stands before the demonstration model and lets no guess through: it waits for the whole short answer, looks how sure the model was of
/// its worst stretch, and gives <see cref="DemonstrationModel.Refusal"/> instead when that was less than the threshold.
/// </summary>
/// <param name="inner">The model's client, which tells <see cref="LocalModelProperties.WorstWindowLogProbability"/>. An answer without it is refused.</param>
/// <param name="leastLogProbability">Threshold, a natural log-probability; see <see cref="DemonstrationModel.LeastLogProbability"/>.</param>
public sealed class DemonstrationChatClient(IChatClient inner, double leastLogProbability = DemonstrationModel.LeastLogProbability) : DelegatingChatClient(inner)
{
    /// <inheritdoc/>
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        if (IsSure(response.AdditionalProperties) && response.Text.Trim() != DemonstrationModel.Refusal)
        {
            return response;
        }

        response.Messages = [new ChatMessage(ChatRole.Assistant, DemonstrationModel.Refusal)];
        response.FinishReason = ChatFinishReason.Stop;
        response.AdditionalProperties ??= [];
        response.AdditionalProperties[DemonstrationModel.RefusalProperty] = DemonstrationModel.RefusalValue;
        return response;
    }

    /// <inheritdoc/>
    /// <remarks>The text comes in one piece: nothing of an answer may be shown before it is known whether it stands.</remarks>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var response = await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        foreach (var update in response.ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    private bool IsSure(AdditionalPropertiesDictionary? properties) =>
        properties is not null
        && properties.TryGetValue(LocalModelProperties.WorstWindowLogProbability, out var value)
        && Convert.ToDouble(value, CultureInfo.InvariantCulture) >= leastLogProbability;
}
