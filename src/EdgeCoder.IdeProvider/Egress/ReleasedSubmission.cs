using EdgeCoder.Agent.Submissions;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.IdeProvider.Egress;

/// <summary>The one place of this endpoint where content is handed to a client that can leave the machine (a test looks that there is no other).</summary>
internal static class ReleasedSubmission
{
    /// <summary>Stores the tests of a released request, then gives its task. Throws <see cref="SubmitterException"/>.</summary>
    public static async Task<TaskAccepted> SubmitAsync(this SubmitterClient client, ReleasedPayload payload, CancellationToken cancellationToken)
    {
        if (payload.Tests is { } tests)
        {
            await client.PutBlobAsync(tests.Sha256, tests.Bytes, cancellationToken).ConfigureAwait(false);
        }

        return await client.SubmitAsync(payload.Task, cancellationToken).ConfigureAwait(false);
    }
}
