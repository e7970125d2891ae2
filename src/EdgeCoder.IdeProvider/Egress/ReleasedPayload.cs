using System.Text;
using EdgeCoder.Agent.Redaction;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.IdeProvider.Egress;

/// <summary>
/// What may leave this machine. Only the <see cref="Gate"/> makes one, and never for the class <c>local</c>; a client that can leave the machine takes nothing
/// else (agent-executor-models 0).
/// </summary>
internal sealed class ReleasedPayload
{
    private const int MostPromptBytes = 262_144;

    private ReleasedPayload(TaskSubmission task, TestsText? tests, DataClass dataClass, long bytes, IReadOnlyDictionary<RedactionKind, int> redactions) =>
        (Task, Tests, DataClass, Bytes, Redactions) = (task, tests, dataClass, bytes, redactions);

    /// <summary>The task as it is sent.</summary>
    public TaskSubmission Task { get; }

    /// <summary>The tests to store before it; null for none.</summary>
    public TestsText? Tests { get; }

    /// <summary>Its class: <c>team</c> or <c>mesh</c>.</summary>
    public DataClass DataClass { get; }

    /// <summary>Bytes of UTF-8 of its texts.</summary>
    public long Bytes { get; }

    /// <summary>What was taken out, by kind.</summary>
    public IReadOnlyDictionary<RedactionKind, int> Redactions { get; }

    /// <summary>The gate before everything that can leave this machine.</summary>
    /// <param name="redact">Takes secrets out of a text; whatever it throws, nothing leaves.</param>
    public sealed class Gate(Func<string, RedactedText> redact)
    {
        /// <summary>
        /// Releases a request: 1. not of the class <c>local</c>; 2. every text without its secrets; 3. the task in the form of an IDE's request
        /// (agent-executor-models 6.5). Throws <see cref="Refusal"/>; nothing was sent then.
        /// </summary>
        public ReleasedPayload Release(SwarmRequest request, DataClass dataClass)
        {
            // 1. Asked before and asked again here: this is the one place that no caller can pass.
            if (dataClass is not (DataClass.Team or DataClass.Mesh))
            {
                throw new Refusal(403, "data_class_denied", "Work of the class local never leaves this machine.");
            }

            // 2.
            var counts = new SortedDictionary<RedactionKind, int>();
            var prompt = Redact(request.Prompt, counts);
            var tests = request.Tests is { } given ? new TestsText(Redact(given.Name, counts), Redact(given.Text, counts)) : null;
            var language = request.Language is { } named ? Redact(named, counts) : null;
            ThrowUnlessPlain(request.Id);
            ThrowUnlessPlain(request.Project ?? "");
            var size = Encoding.UTF8.GetByteCount(prompt);
            if (size > MostPromptBytes)
            {
                throw new Refusal(400, "context_length_exceeded", $"The request has {size} bytes of text; a task for the swarm takes {MostPromptBytes}. Shorten it, or use edgecoder-local.");
            }

            // 3.
            var task = new TaskSubmission
            {
                TaskId = request.Id,
                Prompt = prompt,
                Language = language,
                Kind = request.Kind,
                Plan = TaskPlan.Single,
                ProjectId = request.Project,
                DataClass = dataClass.Word(),
                ResourceClass = ResourceClass.Cpu,
                Priority = request.Priority,
                MaxCredits = request.MaxCredits,
                AcceptanceCheck = tests?.Check((int)request.TestsTimeout.TotalMilliseconds),
                Limits = request.MaxTokens is { } most ? new AttemptLimits { MaxTokens = most } : null,
            };
            return new(task, tests, dataClass, size + (tests?.Bytes.Length ?? 0), counts);
        }

        // A name that lost a part would be another name.
        private void ThrowUnlessPlain(string name)
        {
            if (Redact(name, []) != name)
            {
                throw new Refusal(400, "invalid_request", "The id of the task looks like a secret, so nothing was sent. Choose another one.");
            }
        }

        private string Redact(string text, SortedDictionary<RedactionKind, int> counts)
        {
            RedactedText redacted;
            try
            {
                redacted = redact(text);
            }
            catch (Exception)
            {
                // Whatever failed: what was not searched does not leave.
                throw new Refusal(503, "swarm_unavailable", "The request could not be searched for secrets, so nothing of it was sent. Use edgecoder-local.");
            }

            foreach (var (kind, count) in redacted.Counts)
            {
                counts[kind] = counts.GetValueOrDefault(kind) + count;
            }

            return redacted.Text;
        }
    }
}
